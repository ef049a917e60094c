package io.jcompose.engine.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.JcomposeException;
import io.jcompose.core.StreamSession;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ProbeStartTest {
  private static final long LIMIT_SECONDS = 30;

  @Test
  void aStartThatHangsFailsTheProbesAndCostsOneThreadUntilItComes() throws InterruptedException {
    ProbeStart starts = new ProbeStart(Duration.ofMillis(20));
    AtomicInteger begun = new AtomicInteger();
    CountDownLatch answer = new CountDownLatch(1);
    CountDownLatch closed = new CountDownLatch(1);
    for (int i = 0; i < 5; i++) {
      assertThatThrownBy(
              () ->
                  starts.start(
                      () -> {
                        begun.incrementAndGet();
                        await(answer);
                        return session(closed);
                      }))
          .isInstanceOf(JcomposeException.Timeout.class);
    }
    assertThat(begun).hasValue(1);
    answer.countDown();
    assertThat(closed.await(LIMIT_SECONDS, TimeUnit.SECONDS)).as("what came too late").isTrue();
    StreamSession next = session(new CountDownLatch(1));
    assertThat(new ProbeStart().start(() -> next)).isSameAs(next);
  }

  @Test
  void whyItCannotStartIsThrownAsItIs() {
    ProbeStart starts = new ProbeStart();
    for (int i = 0; i < 3; i++) {
      assertThatThrownBy(
              () ->
                  starts.start(
                      () -> {
                        throw new JcomposeException.Conflict("it has ended");
                      }))
          .isInstanceOf(JcomposeException.Conflict.class);
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static StreamSession session(CountDownLatch closed) {
    return new FakeSession(0, closed);
  }
}
