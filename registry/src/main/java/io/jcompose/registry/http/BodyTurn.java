package io.jcompose.registry.http;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** The turns of bodies that are read at once. Thread-safe. */
final class BodyTurn {
  private static final long WAIT_SECONDS = 60;

  private final Semaphore places;

  BodyTurn(int places) {
    this.places = new Semaphore(places, true);
  }

  void take() throws IOException {
    try {
      if (!places.tryAcquire(WAIT_SECONDS, TimeUnit.SECONDS)) {
        throw new Busy();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("the registry is stopping");
    }
  }

  /** True when somebody waits for one. */
  boolean isWanted() {
    return places.hasQueuedThreads();
  }

  void give() {
    places.release();
  }

  /** Too many send at once. */
  static final class Busy extends IOException {
    private static final long serialVersionUID = 1L;

    Busy() {
      super("too many uploads at once");
    }
  }
}
