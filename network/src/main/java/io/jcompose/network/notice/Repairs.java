package io.jcompose.network.notice;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Things that failed when the engine started and are tried again until they succeed: no event tells
 * that another program gave a port back. Each is told of as a notice meanwhile. Owned by the
 * network stack; thread-safe.
 */
public final class Repairs implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Repairs.class);
  private static final long FIRST_MILLIS = 500;
  private static final long MOST_MILLIS = 10_000;

  private final Notices notices;
  private final Map<String, CountDownLatch> pending = new ConcurrentHashMap<>();

  public Repairs(Notices notices) {
    this.notices = notices;
  }

  /**
   * Tries again after half a second, then ever more rarely, at least every ten seconds.
   *
   * @param text what is wrong, and what it means
   * @param attempt true when it succeeded; runs on a virtual thread
   */
  public void retry(String key, String text, BooleanSupplier attempt) {
    CountDownLatch end = new CountDownLatch(1);
    if (pending.putIfAbsent(key, end) == null) {
      notices.raise(key, text);
      Thread.ofVirtual().name("repair " + key).start(() -> run(key, end, attempt));
    }
  }

  /** Stops trying. */
  public void cancel(String key) {
    CountDownLatch end = pending.remove(key);
    if (end != null) {
      end.countDown();
      notices.clear(key);
    }
  }

  @Override
  public void close() {
    pending.keySet().forEach(this::cancel);
  }

  private void run(String key, CountDownLatch end, BooleanSupplier attempt) {
    long wait = FIRST_MILLIS;
    try {
      while (!end.await(wait, TimeUnit.MILLISECONDS)) {
        if (succeeds(key, attempt)) {
          pending.remove(key, end);
          notices.clear(key);
          return;
        }
        wait = Math.min(MOST_MILLIS, wait * 2);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static boolean succeeds(String key, BooleanSupplier attempt) {
    try {
      return attempt.getAsBoolean();
    } catch (RuntimeException e) {
      LOG.debug("repair of {} failed", key, e);
      return false;
    }
  }
}
