package io.jcompose.cli.engine;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;

/**
 * The threads that carry the engine's virtual ones. Java makes them when there is work, and lets
 * them go after 30 idle seconds. Where none can be made at that moment (a fork bomb in a container
 * without a limit, a limit of the engine's own service) Java 25 loses the work, counts the thread
 * that it could not make, and never makes another: the engine would answer nobody for ever. So all
 * are made at the start, and none is idle for so long. Stateless.
 */
final class Carriers {
  /** Less than half of the time after which an idle one goes. */
  static final Duration TOUCH_EVERY = Duration.ofSeconds(10);

  private static final long MAKING_LIMIT_NANOS = 1_000_000_000L;

  private Carriers() {}

  /** How many there are at most, but for those that stand in for blocked ones. */
  static int count() {
    int processors = Runtime.getRuntime().availableProcessors();
    return Integer.getInteger("jdk.virtualThreadScheduler.parallelism", processors);
  }

  /** Makes all of them: each is kept busy until the last one is there, or for a second. */
  static void makeAll() {
    int count = count();
    CountDownLatch missing = new CountDownLatch(count);
    long limit = System.nanoTime() + MAKING_LIMIT_NANOS;
    for (int i = 0; i < count; i++) {
      Thread.startVirtualThread(
          () -> {
            missing.countDown();
            while (missing.getCount() > 0 && System.nanoTime() < limit) {
              Thread.onSpinWait(); // waiting would give the carrier back
            }
          });
    }
  }

  /** Gives them a moment's work: they go one by one, when there has been none for any. */
  static void touch() {
    Thread.startVirtualThread(() -> {});
  }
}
