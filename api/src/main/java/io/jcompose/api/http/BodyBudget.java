package io.jcompose.api.http;

import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * The memory that the bodies of all requests of a server may take together. What each may be is
 * bounded elsewhere; only the sum is what the heap has to hold. Thread-safe.
 */
final class BodyBudget {
  private static final long PATIENCE_SECONDS = 10;

  private final Semaphore bytes;

  BodyBudget(int totalBytes) {
    bytes = new Semaphore(totalBytes, true);
  }

  /**
   * Waits until so much is free.
   *
   * @throws MalformedRequest (503) when it is not in ten seconds
   */
  void take(int count) throws MalformedRequest {
    try {
      if (!bytes.tryAcquire(count, PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        throw new MalformedRequest(503, "too many large requests at once; try again");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new MalformedRequest(503, "the engine is stopping");
    }
  }

  void giveBack(int count) {
    bytes.release(count);
  }
}
