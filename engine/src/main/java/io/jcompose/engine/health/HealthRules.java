package io.jcompose.engine.health;

import io.jcompose.core.ContainerSpec.Health;
import io.jcompose.core.ContainerView.HealthStatus;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What the probes of one run of a container say about its health, by the rules of Docker's
 * daemon/health.go. Its time is the run's age, which no change of a clock moves. Owned by its
 * watch, which guards it.
 */
public final class HealthRules {
  private static final Duration DEFAULT_INTERVAL = Duration.ofSeconds(30);
  private static final Duration DEFAULT_START_INTERVAL = Duration.ofSeconds(5);
  private static final int DEFAULT_RETRIES = 3;

  private final Health check;
  private final Duration startPeriod;
  private HealthStatus status = HealthStatus.STARTING;
  private int streak;

  HealthRules(Health check) {
    this.check = check;
    this.startPeriod = orDefault(check.startPeriod(), Duration.ZERO);
  }

  /** How long to wait for the next probe, in a run of that age. */
  Duration pause(Duration age) {
    Duration left = startPeriod.minus(age);
    if (status != HealthStatus.STARTING || !left.isPositive()) {
      return orDefault(check.interval(), DEFAULT_INTERVAL);
    }
    // Failures count from the period's end on, so that is when to look at the latest.
    Duration interval = orDefault(check.startInterval(), DEFAULT_START_INTERVAL);
    return interval.compareTo(left) < 0 ? interval : left;
  }

  /** Counts a probe that began at that age; the new status, or null when it stays. */
  @Nullable HealthStatus conclude(Duration began, boolean passed) {
    HealthStatus before = status;
    if (passed) {
      streak = 0;
      status = HealthStatus.HEALTHY;
    } else if (status != HealthStatus.STARTING || began.compareTo(startPeriod) >= 0) {
      streak++;
      if (streak >= (check.retries() == 0 ? DEFAULT_RETRIES : check.retries())) {
        status = HealthStatus.UNHEALTHY;
      }
    }
    return status == before ? null : status;
  }

  /** How many probes that count failed one after the other. */
  int streak() {
    return streak;
  }

  /** A sentence for people about what has no effect, or empty. */
  public static String warning(Health check) {
    boolean alone =
        check.startInterval() != null && orDefault(check.startPeriod(), Duration.ZERO).isZero();
    return alone ? "healthcheck.start_interval has no effect without healthcheck.start_period" : "";
  }

  static Duration orDefault(@Nullable Duration value, Duration byDefault) {
    return value == null || value.isZero() ? byDefault : value;
  }
}
