package io.jcompose.cli.engine;

import io.jcompose.linux.NativeHeap;

/**
 * Collects garbage once the engine has come to rest: what its last work left would stay for hours,
 * as nothing else collects when nothing is allocated. Looks twice a minute.
 */
final class IdleCollector implements Runnable {
  private static final long LOOK_MILLIS = 30_000;

  /** What is allocated between two looks at an engine that rests. */
  private static final long REST_BYTES = 1 << 20;

  /** What a collection must promise. */
  private static final long WORTH_BYTES = 4 << 20;

  private long floor;
  private long last;

  @Override
  public void run() {
    try {
      while (true) {
        Thread.sleep(LOOK_MILLIS);
        if (isDue(used())) {
          System.gc();
          NativeHeap.trim();
          collected(used());
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Takes a look.
   *
   * @param used bytes of the heap
   */
  boolean isDue(long used) {
    boolean rests = used >= last && used - last < REST_BYTES;
    last = used;
    return rests && used - floor > WORTH_BYTES;
  }

  void collected(long used) {
    floor = used;
    last = used;
  }

  private static long used() {
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }
}
