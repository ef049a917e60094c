package io.jcompose.core.sync;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class KeyedLockTest {
  @Test
  void aWaitForTheTurnCanBeInterruptedAndTheNextGetsIt() throws Exception {
    KeyedLock<String> locks = new KeyedLock<>();
    CountDownLatch held = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    Thread holder =
        Thread.startVirtualThread(
            () ->
                locks.run(
                    "a",
                    () -> {
                      held.countDown();
                      await(release);
                    }));
    held.await();
    AtomicBoolean interrupted = new AtomicBoolean();
    Thread waiter = Thread.startVirtualThread(() -> interrupted.set(isInterrupted(locks)));
    waiter.interrupt();
    waiter.join();
    assertThat(interrupted).isTrue();
    release.countDown();
    holder.join();
    assertThat(locks.interruptibly("a", () -> 7)).isEqualTo(7);
  }

  private static boolean isInterrupted(KeyedLock<String> locks) {
    try {
      return locks.interruptibly("a", () -> false);
    } catch (InterruptedException e) {
      return true;
    } catch (Exception e) {
      return false;
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
