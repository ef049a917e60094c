package io.jcompose.api.container;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Threads that move programs' streams. A platform thread waits in read itself; a virtual one costs
 * two more switches of threads for each buffer, nearly half of the processor time of a long stream.
 * To make one costs more than all else of a short exec, so those that are free wait for the next
 * for a minute. Their number is bounded by that of the programs.
 */
public final class StreamThreads {
  private static final ExecutorService THREADS =
      Executors.newCachedThreadPool(Thread.ofPlatform().daemon().name("stream-", 0).factory());

  private StreamThreads() {}

  /** Runs it on one of them. */
  public static void run(Runnable work) {
    THREADS.execute(work);
  }
}
