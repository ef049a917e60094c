package io.jcompose.scheduler.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.core.ContainerSpec.RestartPolicy;
import io.jcompose.core.ContainerSpec.RestartPolicy.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RestartDecisionTest {
  private static final RestartPolicy ALWAYS = new RestartPolicy(Kind.ALWAYS, 0);

  @Test
  void doublesThePauseUpToAMinute() {
    RestartDecision decision = RestartDecision.NONE;
    List<Long> pauses = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      decision = decision.after(ALWAYS, 1, Duration.ofSeconds(1), false, i, null, null, 0);
      pauses.add(decision.pause().toMillis());
    }
    assertThat(pauses)
        .containsExactly(
            100L, 200L, 400L, 800L, 1600L, 3200L, 6400L, 12800L, 25600L, 51200L, 60000L, 60000L);
  }

  @Test
  void beginsAnewAfterAGoodRun() {
    RestartDecision decision = new RestartDecision(true, Duration.ofSeconds(30), 9);
    assertThat(decision.after(ALWAYS, 1, Duration.ofSeconds(10), false, 9, null, null, 0).pause())
        .isEqualTo(Duration.ofMillis(100));
  }

  @Test
  void honoursRetriesManualStopsAndDelay() {
    RestartPolicy twice = new RestartPolicy(Kind.ON_FAILURE, 2);
    assertThat(RestartDecision.wants(twice, 1, false, 1)).isTrue();
    assertThat(RestartDecision.wants(twice, 1, false, 2)).isFalse();
    assertThat(RestartDecision.wants(twice, 0, false, 0)).isFalse();
    assertThat(RestartDecision.wants(ALWAYS, 0, true, 0)).isFalse();
    assertThat(RestartDecision.wantsAtStart(ALWAYS, 0, true, 0, true)).isTrue();
    assertThat(
            RestartDecision.wantsAtStart(
                new RestartPolicy(Kind.UNLESS_STOPPED, 0), 0, true, 0, true))
        .isFalse();
    assertThat(
            RestartDecision.NONE
                .after(ALWAYS, 1, Duration.ZERO, false, 0, Duration.ofSeconds(5), null, 0)
                .pause())
        .isEqualTo(Duration.ofSeconds(5));
  }

  @Test
  void givesUpAfterSoManyAttemptsWithoutAGoodRun() {
    RestartDecision decision = RestartDecision.NONE;
    for (int i = 0; i < 2; i++) {
      decision = decision.after(ALWAYS, 1, Duration.ofSeconds(1), false, i, null, null, 2);
      assertThat(decision.restart()).isTrue();
    }
    assertThat(decision.after(ALWAYS, 1, Duration.ofSeconds(1), false, 2, null, null, 2).restart())
        .isFalse();
    assertThat(decision.after(ALWAYS, 1, Duration.ofSeconds(11), false, 2, null, null, 2))
        .isEqualTo(new RestartDecision(true, Duration.ofMillis(100), 1));
  }
}
