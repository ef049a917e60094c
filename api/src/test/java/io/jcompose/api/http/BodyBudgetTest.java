package io.jcompose.api.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class BodyBudgetTest {
  private static final int MIB = 1 << 20;
  private final BodyBudget budget = new BodyBudget(16 * MIB, "root", Duration.ofSeconds(1));

  /** They may hold all that is for large ones, and no more of it is coming. */
  @Test
  void smallRequestsPassLargeOnesThatWait() throws Exception {
    budget.take("root", 14 * MIB, 0);
    Thread waiting = Thread.ofVirtual().start(() -> take("root", 8 * MIB));
    while (waiting.getState() != Thread.State.TIMED_WAITING) {
      Thread.onSpinWait();
    }
    budget.take("root", 256 << 10, 0);
    budget.giveBack("root", 14 * MIB);
    waiting.join();
    budget.take("root", 5 * MIB, 0);
  }

  private void take(String user, int bytes) {
    try {
      budget.take(user, bytes, 0);
    } catch (MalformedRequest e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void noUserHasAllAndNoneWhatIsForRoot() throws Exception {
    budget.take("eve", 10 * MIB, 0);
    budget.take("eve", BodyBudget.SMALL_BYTES, 0);
    budget.take("bob", MIB, 0);
    for (int i = 0; i < 5; i++) {
      budget.take("bob", BodyBudget.SMALL_BYTES, 0);
    }
    budget.take("root", BodyBudget.SMALL_BYTES, 0);
    assertThatThrownBy(() -> budget.take("eve", 4 * MIB, 0))
        .isInstanceOfSatisfying(MalformedRequest.class, e -> assertThat(e.status()).isEqualTo(503));
    budget.giveBack("eve", 10 * MIB);
    budget.take("eve", 4 * MIB, 0);
  }

  @Test
  void answersWaitForNoRoom() throws Exception {
    assertThat(budget.takeNow("eve", 50 * MIB)).isEqualTo(10 * MIB);
    assertThatThrownBy(() -> budget.takeNow("bob", 5 * MIB))
        .isInstanceOf(MalformedRequest.class)
        .hasMessage("too many large answers at once; try again");
    budget.giveBack("eve", 10 * MIB);
    assertThat(budget.takeNow("bob", 5 * MIB)).isEqualTo(5 * MIB);
  }

  @Test
  void whatCanNeverBeIsRefusedAtOnce() throws Exception {
    assertThat(budget.most("root")).isEqualTo(14 * MIB);
    assertThat(budget.most("eve")).isEqualTo(10 * MIB);
    budget.take("eve", 6 * MIB, 0);
    assertThatThrownBy(() -> budget.take("eve", 4 * MIB + 1, 6 * MIB))
        .isInstanceOfSatisfying(MalformedRequest.class, e -> assertThat(e.status()).isEqualTo(413));
  }
}
