package io.jcompose.images.pull;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.JcomposeException;
import io.jcompose.core.Progress;
import io.jcompose.core.RegistryLogins;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class PullsUnderWayTest {
  private static final PullsUnderWay.Key KEY =
      new PullsUnderWay.Key("app", RegistryLogins.OF_ENGINE);

  @Test
  void theCloseWaitsForAPullThatWasGivenUp() throws Exception {
    CountDownLatch interrupted = new CountDownLatch(1);
    CountDownLatch cleanUp = new CountDownLatch(1);
    AtomicBoolean cleanedUp = new AtomicBoolean();
    PullsUnderWay pulls = new PullsUnderWay();
    Thread caller =
        Thread.startVirtualThread(
            () ->
                assertThatThrownBy(
                        () ->
                            pulls.join(
                                KEY,
                                "app",
                                Progress.NONE,
                                progress -> {
                                  awaitForEver();
                                  interrupted.countDown();
                                  awaitUninterrupted(cleanUp);
                                  cleanedUp.set(true);
                                  throw new JcomposeException.Cancelled("given up");
                                }))
                    .isInstanceOf(JcomposeException.Cancelled.class));
    caller.interrupt();
    caller.join();
    interrupted.await();
    Thread closer = Thread.startVirtualThread(pulls::close);
    assertThat(closer.join(Duration.ofMillis(100))).isFalse();
    cleanUp.countDown();
    closer.join();
    assertThat(cleanedUp).isTrue();
  }

  private static void awaitForEver() {
    try {
      new CountDownLatch(1).await();
    } catch (InterruptedException e) {
      assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }
  }

  private static void awaitUninterrupted(CountDownLatch latch) {
    while (true) {
      try {
        latch.await();
        return;
      } catch (InterruptedException e) {
        assertThat(latch.getCount()).isOne(); // the close interrupts once more
      }
    }
  }
}
