package io.jcompose.core.sync;

import io.jcompose.core.JcomposeException;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A lock a key: work on the same key takes turns, work on different keys does not wait. Keys in use
 * cost an entry, others nothing.
 */
public final class KeyedLock<K> {
  private final ConcurrentHashMap<K, Holders> holders = new ConcurrentHashMap<>();

  /** Runs the work while no other work on the key runs. Reentrant. */
  public <T extends @Nullable Object> T locked(K key, Supplier<T> work) {
    Holders entry = enter(key);
    entry.lock.lock();
    try {
      return work.get();
    } finally {
      entry.lock.unlock();
      leave(key, entry);
    }
  }

  /**
   * As {@link #locked}, but the wait for the turn can be interrupted.
   *
   * @throws InterruptedException when the thread was interrupted before its turn came
   */
  public <T extends @Nullable Object> T interruptibly(K key, Callable<T> work) throws Exception {
    Holders entry = enter(key);
    try {
      entry.lock.lockInterruptibly();
      try {
        return work.call();
      } finally {
        entry.lock.unlock();
      }
    } finally {
      leave(key, entry);
    }
  }

  /**
   * As {@link #locked}, but whoever waits for the turn goes when the whole is given up. The work
   * itself is not interrupted.
   *
   * @throws JcomposeException.Cancelled when it was given up, or this thread was interrupted,
   *     before the turn came
   */
  public <T extends @Nullable Object> T locked(K key, GivenUp givenUp, Supplier<T> work) {
    Holders entry = enter(key);
    try {
      boolean hasTurn = givenUp.interruptibly(() -> acquire(entry.lock));
      if (!hasTurn) {
        givenUp.requireWanted();
        Thread.currentThread().interrupt();
        throw new JcomposeException.Cancelled("interrupted while another one had the turn");
      }
      try {
        givenUp.requireWanted();
        return work.get();
      } finally {
        entry.lock.unlock();
      }
    } finally {
      leave(key, entry);
    }
  }

  private static boolean acquire(ReentrantLock lock) {
    try {
      lock.lockInterruptibly();
      return true;
    } catch (InterruptedException e) {
      return false;
    }
  }

  /** As {@link #locked}, without a result. */
  public void run(K key, Runnable work) {
    this.<@Nullable Void>locked(
        key,
        () -> {
          work.run();
          return null;
        });
  }

  private Holders enter(K key) {
    return holders.compute(
        key,
        (k, present) -> {
          Holders e = present == null ? new Holders() : present;
          e.count++;
          return e;
        });
  }

  private void leave(K key, Holders entry) {
    holders.compute(key, (k, present) -> --entry.count == 0 ? null : entry);
  }

  /** A lock with the number of those who hold it or wait; the number is guarded by the map. */
  private static final class Holders {
    private final ReentrantLock lock = new ReentrantLock();
    private int count;
  }
}
