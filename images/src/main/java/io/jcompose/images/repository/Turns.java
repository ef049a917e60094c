package io.jcompose.images.repository;

import io.jcompose.core.JcomposeException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** A bound on what is done at once, whose turns are waited for only so long. Thread-safe. */
final class Turns {
  private final Semaphore places;
  private final long waitSeconds;
  private final String full;

  /**
   * @param full what is told to who waits in vain
   */
  Turns(int places, long waitSeconds, String full) {
    this.places = new Semaphore(places, true);
    this.waitSeconds = waitSeconds;
    this.full = full;
  }

  /** A turn; its owner closes it. */
  interface Turn extends AutoCloseable {
    @Override
    void close();
  }

  /**
   * Waits for a turn.
   *
   * @throws JcomposeException.Unavailable when none comes
   */
  Turn take() {
    try {
      if (!places.tryAcquire(waitSeconds, TimeUnit.SECONDS)) {
        throw new JcomposeException.Unavailable(full);
      }
      return places::release;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new JcomposeException.Cancelled("it was given up");
    }
  }
}
