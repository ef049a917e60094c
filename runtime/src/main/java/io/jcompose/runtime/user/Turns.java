package io.jcompose.runtime.user;

import io.jcompose.core.JcomposeException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Lets so many look-ups go on at a time, in the order in which they came. Calls of the kernel hold
 * the thread that carries a virtual one, of which there are few. Thread-safe.
 */
final class Turns {
  private static final int LIMIT_SECONDS = 30;

  private final Semaphore places;

  Turns(int places) {
    this.places = new Semaphore(places, true);
  }

  /**
   * Does a look-up when it is its turn.
   *
   * @throws JcomposeException.Unavailable when that is not within 30 s
   */
  <T> T take(Supplier<T> lookup) {
    try {
      if (!places.tryAcquire(LIMIT_SECONDS, TimeUnit.SECONDS)) {
        throw new JcomposeException.Unavailable(
            "failed to look up a user of a container within "
                + LIMIT_SECONDS
                + " s: others are looked up; try again");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new JcomposeException.Cancelled("interrupted while a container's user was looked up");
    }
    try {
      return lookup.get();
    } finally {
      places.release();
    }
  }
}
