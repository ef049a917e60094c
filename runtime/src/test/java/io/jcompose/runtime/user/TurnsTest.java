package io.jcompose.runtime.user;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class TurnsTest {
  @Test
  void noMoreGoOnThanThereArePlaces() throws InterruptedException {
    Turns turns = new Turns(2);
    AtomicInteger going = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    CountDownLatch both = new CountDownLatch(2);
    try (var callers = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 20; i++) {
        var ignored =
            callers.submit(
                () ->
                    turns.take(
                        () -> {
                          most.accumulateAndGet(going.incrementAndGet(), Math::max);
                          both.countDown();
                          await(both);
                          Thread.yield();
                          return going.decrementAndGet();
                        }));
      }
    }
    assertThat(most).hasValue(2);
    assertThat(going).hasValue(0);
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void aLookupThatFailsGivesItsPlaceBack() {
    Turns turns = new Turns(1);
    assertThatThrownBy(
            () ->
                turns.take(
                    () -> {
                      throw new IllegalStateException("failed");
                    }))
        .hasMessage("failed");
    assertThat(turns.<Integer>take(() -> 1)).isEqualTo(1);
  }
}
