package io.jcompose.api.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class BodyBudgetTest {
  private final BodyBudget budget = new BodyBudget(100);

  @Test
  void answersThatNobodyReadsWaitForNoRoom() throws Exception {
    assertThat(budget.takeNow(150, 0)).isEqualTo(100);
    assertThatThrownBy(() -> budget.takeNow(1, 0))
        .isInstanceOf(MalformedRequest.class)
        .hasMessage("too many large answers at once; try again");
    assertThat(budget.takeNow(1, 100)).isZero();
    budget.giveBack(100);
    assertThat(budget.takeNow(1, 0)).isEqualTo(1);
  }
}
