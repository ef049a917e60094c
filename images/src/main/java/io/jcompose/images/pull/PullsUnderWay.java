package io.jcompose.images.pull;

import io.jcompose.core.JcomposeException;
import io.jcompose.core.Progress;
import io.jcompose.core.RegistryLogins;
import io.jcompose.images.store.StoredImage;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Pulls under way, each in a thread of its own with all who wait for it. Who is interrupted waits
 * no longer, and a pull that nobody waits for is interrupted. Thread-safe.
 */
final class PullsUnderWay implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PullsUnderWay.class);
  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(5);

  private final ReentrantLock lock = new ReentrantLock();
  private final Map<Key, Pull> joinable = new HashMap<>(); // guarded by the lock
  private final Set<Pull> underWay = new HashSet<>(); // also what was given up; guarded too

  /**
   * What makes two pulls one: callers with different logins may be shown different things by a
   * registry, and one of them nothing.
   *
   * @param logins what this image's registry is shown
   */
  record Key(String image, RegistryLogins logins) {}

  /** One pull; its number of waiters is guarded by the lock. */
  private static final class Pull {
    private final CompletableFuture<StoredImage> result = new CompletableFuture<>();
    private final PullProgress progress;
    private final Thread thread;
    private int waiters;

    Pull(PullProgress progress, Function<Pull, Runnable> work) {
      this.progress = progress;
      this.thread = Thread.ofVirtual().name("pull").unstarted(work.apply(this));
    }
  }

  /**
   * Waits for the pull with the key, which is started when there is none.
   *
   * @throws JcomposeException.Cancelled when interrupted
   */
  StoredImage join(
      Key key, String image, Progress listener, Function<PullProgress, StoredImage> work) {
    Pull pull = enter(key, image, listener, work);
    try {
      return pull.result.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new JcomposeException.Cancelled("the pull of " + image + " was given up");
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new CompletionException(e.getCause());
    } finally {
      leave(key, pull);
    }
  }

  /** Ends all of them, and waits a little, so that they leave nothing half done. */
  @Override
  public void close() {
    List<Pull> all;
    lock.lock();
    try {
      all = List.copyOf(underWay);
    } finally {
      lock.unlock();
    }
    all.forEach(pull -> pull.thread.interrupt());
    try {
      for (Pull pull : all) {
        if (!pull.thread.join(CLOSE_LIMIT)) {
          LOG.info("a pull does not end; what it has is used by the next one");
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Pull enter(
      Key key, String image, Progress listener, Function<PullProgress, StoredImage> work) {
    lock.lock();
    try {
      Pull pull = joinable.get(key);
      if (pull == null) {
        pull = new Pull(new PullProgress(image), own -> () -> carryOut(key, own, work));
        joinable.put(key, pull);
        underWay.add(pull);
        pull.progress.add(listener);
        pull.thread.start();
      } else {
        pull.progress.add(listener);
      }
      pull.waiters++;
      return pull;
    } finally {
      lock.unlock();
    }
  }

  private void carryOut(Key key, Pull pull, Function<PullProgress, StoredImage> work) {
    try {
      StoredImage image = work.apply(pull.progress);
      end(key, pull);
      pull.result.complete(image);
    } catch (RuntimeException | Error e) {
      end(key, pull);
      pull.result.completeExceptionally(e);
    }
  }

  private void end(Key key, Pull pull) {
    lock.lock();
    try {
      joinable.remove(key, pull);
      underWay.remove(pull);
    } finally {
      lock.unlock();
    }
  }

  private void leave(Key key, Pull pull) {
    lock.lock();
    try {
      if (--pull.waiters == 0 && !pull.result.isDone()) {
        joinable.remove(key, pull); // nobody may join what ends
        pull.thread.interrupt();
      }
    } finally {
      lock.unlock();
    }
  }
}
