package io.jcompose.engine;

import io.jcompose.core.ContainerSpec.Health;
import io.jcompose.core.ContainerView.HealthStatus;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What the probes of one run of a container say about its health, by the rules of Docker's
 * daemon/health.go. Owned by its watch, which guards it.
 */
final class HealthRules {
  private static final Duration DEFAULT_INTERVAL = Duration.ofSeconds(30);
  private static final Duration DEFAULT_START_INTERVAL = Duration.ofSeconds(5);
  private static final int DEFAULT_RETRIES = 3;

  private final Health check;
  private final Instant startPeriodEnd;
  private HealthStatus status = HealthStatus.STARTING;
  private int streak;

  HealthRules(Health check, Instant startedAt) {
    this.check = check;
    Duration period = check.startPeriod();
    this.startPeriodEnd = period == null ? startedAt : startedAt.plus(period);
  }

  /** How long to wait from {@code now} for the next probe. */
  Duration pause(Instant now) {
    return status == HealthStatus.STARTING && now.isBefore(startPeriodEnd)
        ? orDefault(check.startInterval(), DEFAULT_START_INTERVAL)
        : orDefault(check.interval(), DEFAULT_INTERVAL);
  }

  /** Counts a probe that began at {@code began}; the new status, or null when it stays. */
  @Nullable HealthStatus conclude(Instant began, boolean passed) {
    HealthStatus before = status;
    if (passed) {
      streak = 0;
      status = HealthStatus.HEALTHY;
    } else if (status != HealthStatus.STARTING || !began.isBefore(startPeriodEnd)) {
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

  static Duration orDefault(@Nullable Duration value, Duration byDefault) {
    return value == null || value.isZero() ? byDefault : value;
  }
}
