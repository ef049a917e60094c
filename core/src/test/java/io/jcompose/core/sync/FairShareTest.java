package io.jcompose.core.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class FairShareTest {
  private final FairShare share = new FairShare(60);

  @Test
  void oneGetsHalfAndTheNextAlwaysGetsSomething() {
    assertThat(takeAll("a")).isEqualTo(30);
    assertThat(takeAll("b")).isEqualTo(15);
    assertThat(takeAll("c")).isEqualTo(7);
    assertThat(share.take("d", 1)).isTrue();
    share.give("a", 30);
    assertThat(takeAll("d")).isGreaterThan(10);
  }

  @Test
  void whatIsGivenBackCanBeTakenAgain() {
    for (int i = 0; i < 100; i++) {
      assertThat(share.take("a", 30)).isTrue();
      assertThat(share.take("a", 1)).isFalse();
      share.give("a", 30);
    }
    assertThat(share.used()).isZero();
    assertThatThrownBy(() -> share.give("a", 1)).isInstanceOf(IllegalStateException.class);
  }

  private int takeAll(String who) {
    int count = 0;
    while (share.take(who, 1)) {
      count++;
    }
    return count;
  }
}
