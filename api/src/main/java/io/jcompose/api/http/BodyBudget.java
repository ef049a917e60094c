package io.jcompose.api.http;

import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * The memory that the bodies of all requests of a server may take together. What each may be is
 * bounded elsewhere; only the sum is what the heap has to hold. Thread-safe.
 */
final class BodyBudget {
  private static final long PATIENCE_SECONDS = 10;

  private final int total;
  private final Semaphore bytes;

  BodyBudget(int totalBytes) {
    total = totalBytes;
    bytes = new Semaphore(totalBytes, true);
  }

  /**
   * Waits until so much is free.
   *
   * @param held what the request has already
   * @throws MalformedRequest (503) when it is not in ten seconds; (413) when it can never be, so
   *     that others need not wait behind it
   */
  void take(int count, int held) throws MalformedRequest {
    if (count > total - held) {
      throw new MalformedRequest(413, "request too large");
    }
    try {
      if (!bytes.tryAcquire(count, PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        throw new MalformedRequest(503, "too many large requests at once; try again");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new MalformedRequest(503, "the engine is stopping");
    }
  }

  /**
   * Takes so much, or as much as the request may have at all, without waiting: what it is for is in
   * memory already.
   *
   * @return how much was taken
   * @throws MalformedRequest (503) when it is not free
   */
  int takeNow(int count, int held) throws MalformedRequest {
    int taken = Math.min(count, total - held);
    if (!bytes.tryAcquire(taken)) {
      throw new MalformedRequest(503, "too many large answers at once; try again");
    }
    return taken;
  }

  void giveBack(int count) {
    bytes.release(count);
  }
}
