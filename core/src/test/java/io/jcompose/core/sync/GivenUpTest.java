package io.jcompose.core.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.JcomposeException;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class GivenUpTest {
  private final GivenUp givenUp = new GivenUp("it");

  @Test
  void wakesWhoWaits() throws Exception {
    CountDownLatch waits = new CountDownLatch(1);
    boolean[] interrupted = new boolean[1];
    Thread thread =
        Thread.ofPlatform()
            .start(
                () ->
                    givenUp.interruptibly(
                        () -> {
                          waits.countDown();
                          interrupted[0] = awaitsForEver();
                          return "";
                        }));
    waits.await();
    givenUp.now();
    thread.join();
    assertThat(interrupted[0]).isTrue();
    assertThat(givenUp.getAsBoolean()).isTrue();
  }

  @Test
  void anInterruptForTheWorkIsNoneForWhatComesAfterIt() {
    String result =
        givenUp.interruptibly(
            () -> {
              givenUp.now();
              return "done";
            });
    assertThat(result).isEqualTo("done");
    assertThat(Thread.interrupted()).isFalse();
  }

  @Test
  void nothingBeginsOnceItIsGivenUp() {
    givenUp.now();
    assertThatThrownBy(() -> givenUp.interruptibly(() -> "never"))
        .isInstanceOf(JcomposeException.Cancelled.class);
  }

  private static boolean awaitsForEver() {
    try {
      new CountDownLatch(1).await();
      return false;
    } catch (InterruptedException e) {
      return true;
    }
  }
}
