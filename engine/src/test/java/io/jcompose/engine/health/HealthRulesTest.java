package io.jcompose.engine.health;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.core.ContainerSpec.Health;
import io.jcompose.core.ContainerView.HealthStatus;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class HealthRulesTest {
  @Test
  void oneSuccessIsHealthyAndRetriesFailuresAreUnhealthy() {
    HealthRules rules = rules(null, null, 2);
    assertThat(rules.conclude(at(1), false)).isNull();
    assertThat(rules.conclude(at(2), true)).isEqualTo(HealthStatus.HEALTHY);
    assertThat(rules.conclude(at(3), true)).isNull();
    assertThat(rules.conclude(at(4), false)).isNull();
    assertThat(rules.conclude(at(5), false)).isEqualTo(HealthStatus.UNHEALTHY);
    assertThat(rules.conclude(at(6), false)).isNull();
    assertThat(rules.conclude(at(7), true)).isEqualTo(HealthStatus.HEALTHY);
  }

  @Test
  void aSuccessBreaksTheStreak() {
    HealthRules rules = rules(null, null, 2);
    rules.conclude(at(1), false);
    rules.conclude(at(2), true);
    rules.conclude(at(3), false);
    rules.conclude(at(4), true);
    assertThat(rules.conclude(at(5), false)).isNull();
  }

  @Test
  void threeFailuresAreTheDefault() {
    HealthRules rules = rules(null, null, 0);
    assertThat(rules.conclude(at(1), false)).isNull();
    assertThat(rules.conclude(at(2), false)).isNull();
    assertThat(rules.conclude(at(3), false)).isEqualTo(HealthStatus.UNHEALTHY);
  }

  @Test
  void failuresInTheStartPeriodDoNotCountUntilTheFirstSuccess() {
    HealthRules rules = rules(Duration.ofSeconds(10), null, 1);
    assertThat(rules.conclude(at(1), false)).isNull();
    assertThat(rules.conclude(at(9), false)).isNull();
    assertThat(rules.conclude(at(10), false)).isEqualTo(HealthStatus.UNHEALTHY);
    HealthRules early = rules(Duration.ofSeconds(10), null, 1);
    early.conclude(at(1), true);
    assertThat(early.conclude(at(2), false)).isEqualTo(HealthStatus.UNHEALTHY);
  }

  @Test
  void probesFasterWhileStarting() {
    HealthRules rules = rules(Duration.ofSeconds(10), Duration.ofSeconds(1), 1);
    assertThat(rules.pause(at(2))).isEqualTo(Duration.ofSeconds(1));
    assertThat(rules.pause(at(10))).isEqualTo(Duration.ofSeconds(30));
    rules.conclude(at(3), true);
    assertThat(rules.pause(at(4))).isEqualTo(Duration.ofSeconds(30));
    assertThat(rules(Duration.ofSeconds(9), null, 1).pause(at(1))).isEqualTo(Duration.ofSeconds(5));
    assertThat(rules(null, Duration.ofSeconds(1), 1).pause(at(0)))
        .isEqualTo(Duration.ofSeconds(30));
  }

  @Test
  void probesAtTheIntervalOfTheFile() {
    Duration interval = Duration.ofSeconds(7);
    HealthRules rules =
        new HealthRules(new Health(List.of("CMD", "x"), interval, null, null, null, 1));
    assertThat(rules.pause(at(0))).isEqualTo(interval);
    rules.conclude(at(1), true);
    assertThat(rules.pause(at(1))).isEqualTo(interval);
  }

  @Test
  void theEndOfTheStartPeriodIsLookedAtHoweverLongTheStartIntervalIs() {
    HealthRules rules = rules(Duration.ofSeconds(2), Duration.ofSeconds(30), 1);
    assertThat(rules.pause(at(0))).isEqualTo(Duration.ofSeconds(2));
    assertThat(rules.pause(at(1))).isEqualTo(Duration.ofSeconds(1));
    assertThat(rules.conclude(at(2), false)).isEqualTo(HealthStatus.UNHEALTHY);
  }

  @Test
  void saysThatAStartIntervalAloneHasNoEffect() {
    Duration second = Duration.ofSeconds(1);
    assertThat(HealthRules.warning(check(null, second, 1))).contains("start_period");
    assertThat(HealthRules.warning(check(Duration.ZERO, second, 1))).contains("start_period");
    assertThat(HealthRules.warning(check(second, second, 1))).isEmpty();
    assertThat(HealthRules.warning(check(null, null, 1))).isEmpty();
  }

  private static HealthRules rules(Duration startPeriod, Duration startInterval, int retries) {
    return new HealthRules(check(startPeriod, startInterval, retries));
  }

  private static Health check(Duration startPeriod, Duration startInterval, int retries) {
    return new Health(List.of("CMD", "x"), null, null, startPeriod, startInterval, retries);
  }

  /** The age of the run. */
  private static Duration at(int second) {
    return Duration.ofSeconds(second);
  }
}
