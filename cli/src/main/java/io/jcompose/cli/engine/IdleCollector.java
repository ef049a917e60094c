package io.jcompose.cli.engine;

import io.jcompose.linux.NativeHeap;

/**
 * Collects garbage once the engine has come to rest, and then gives what the C library holds back:
 * what its last work left would stay for hours, as nothing else collects when nothing is allocated.
 * And at work once there is much of it, for the serial collector takes all of the heap before it
 * looks at what is old. Looks twice a minute, and each second at work.
 */
final class IdleCollector implements Runnable {
  private static final long LOOK_MILLIS = 30_000;
  private static final long LOOK_AT_WORK_MILLIS = 1_000;

  /** What is allocated between two looks at an engine that rests. */
  private static final long REST_BYTES = 1 << 20;

  /** What a collection must promise. */
  private static final long WORTH_BYTES = 4 << 20;

  /** The same at work, which stands still meanwhile. */
  private static final long WORTH_AT_WORK_BYTES = 32 << 20;

  /** What a look finds to be done. */
  enum Duty {
    NONE,
    COLLECT,
    TRIM
  }

  private long floor;
  private long last;
  private boolean rests = true;
  private boolean isTrimmed;

  @Override
  public void run() {
    try {
      while (true) {
        Thread.sleep(rests ? LOOK_MILLIS : LOOK_AT_WORK_MILLIS);
        switch (look(used())) {
          case COLLECT -> {
            System.gc();
            collected(used());
          }
          case TRIM -> NativeHeap.trim();
          case NONE -> {}
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
  Duty look(long used) {
    rests = used >= last && used - last < REST_BYTES;
    last = used;
    if (used - floor > (rests ? WORTH_BYTES : WORTH_AT_WORK_BYTES)) {
      return Duty.COLLECT; // the compiler may have work of it, so the trim waits for the next look
    }
    boolean trims = rests && !isTrimmed;
    isTrimmed = rests;
    return trims ? Duty.TRIM : Duty.NONE;
  }

  void collected(long used) {
    floor = used;
    last = used;
    isTrimmed = false;
  }

  private static long used() {
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }
}
