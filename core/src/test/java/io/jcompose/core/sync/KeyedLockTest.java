package io.jcompose.core.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.jcompose.core.JcomposeException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
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

  @Test
  void whoeverWaitsForTheTurnGoesWhenAllIsGivenUp() throws Exception {
    KeyedLock<String> locks = new KeyedLock<>();
    GivenUp givenUp = new GivenUp("the work");
    CountDownLatch held = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    Thread holder =
        Thread.startVirtualThread(
            () ->
                locks.locked(
                    "a",
                    givenUp,
                    () -> {
                      held.countDown();
                      await(release); // throws when it is interrupted
                      return 7;
                    }));
    held.await();
    AtomicReference<Throwable> failure = new AtomicReference<>();
    Thread waiter =
        Thread.ofPlatform()
            .start(() -> failure.set(catchThrowable(() -> locks.locked("a", givenUp, () -> 8))));
    while (waiter.getState() != Thread.State.WAITING && waiter.isAlive()) {
      Thread.onSpinWait();
    }
    givenUp.now();
    waiter.join();
    assertThat(failure.get())
        .isInstanceOf(JcomposeException.Cancelled.class)
        .hasMessage("the work was given up");
    assertThat(holder.isAlive()).as("work goes on that has its turn").isTrue();
    release.countDown();
    holder.join();
    assertThat(locks.<Integer>locked("a", () -> 9)).isEqualTo(9);
    assertThatThrownBy(() -> locks.locked("a", givenUp, () -> 10))
        .isInstanceOf(JcomposeException.Cancelled.class);
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
