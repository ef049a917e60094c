package io.jcompose.scheduler.plan;

import io.jcompose.core.ContainerSpec.RestartPolicy;
import io.jcompose.core.JcomposeException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Docker's restart state of one container between its ends: a pause of 100 ms that doubles up to a
 * minute and begins anew after a run of 10 s. Immutable; {@link #after} gives the next state.
 *
 * @param restart whether to start it again
 * @param pause how long to wait first
 * @param attempts restarts since the last good run, this one included
 */
public record RestartDecision(boolean restart, Duration pause, int attempts) {
  public static final RestartDecision NONE = new RestartDecision(false, Duration.ZERO, 0);
  public static final Duration FIRST = Duration.ofMillis(100);
  private static final Duration LONGEST = Duration.ofMinutes(1);
  private static final Duration GOOD_RUN = Duration.ofSeconds(10);

  /**
   * What follows an end.
   *
   * @param ran how long it ran
   * @param manual a person stopped it: no policy starts it again now
   * @param restartCount restarts so far
   * @param delay a fixed pause instead of Docker's, or null
   * @param window the run time that counts as good; null is 10 s
   * @param limit restarts without a good run after which it is given up; 0 is none
   */
  public RestartDecision after(
      RestartPolicy policy,
      int exitCode,
      Duration ran,
      boolean manual,
      int restartCount,
      @Nullable Duration delay,
      @Nullable Duration window,
      int limit) {
    if (policy.kind() == RestartPolicy.Kind.NO) {
      return NONE;
    }
    boolean good = ran.compareTo(window == null ? GOOD_RUN : window) >= 0;
    Duration last = good ? Duration.ZERO : pause;
    int before = good ? 0 : attempts;
    Duration next = last.isZero() ? FIRST : last.multipliedBy(2);
    if (next.compareTo(LONGEST) > 0) {
      next = LONGEST;
    }
    boolean again = wants(policy, exitCode, manual, restartCount) && (limit == 0 || before < limit);
    return new RestartDecision(again, delay == null ? next : delay, again ? before + 1 : before);
  }

  /**
   * Whether a start that failed so may succeed later: a full disk, a port that another has, an
   * address, a network, a device or a mount that is not there yet. A container that was made was
   * valid then. Docker gives up at any failure.
   */
  public static boolean mayPass(RuntimeException failure) {
    return !(failure instanceof JcomposeException known)
        || switch (known) {
          case JcomposeException.Conflict e -> true;
          case JcomposeException.InvalidArgument e -> true;
          case JcomposeException.Unavailable e -> true;
          case JcomposeException.NotFound e -> true;
          case JcomposeException.Timeout e -> true;
          case JcomposeException.Internal e -> true;
          case JcomposeException e -> false;
        };
  }

  /** Whether the policy starts a container again after this end. */
  public static boolean wants(
      RestartPolicy policy, int exitCode, boolean manual, int restartCount) {
    return policy.wants(exitCode, manual, restartCount);
  }

  /**
   * Whether the policy starts a container that is found ended when the engine starts. Docker starts
   * {@code always} even after a manual stop.
   */
  public static boolean wantsAtStart(
      RestartPolicy policy, int exitCode, boolean manual, int restartCount, boolean everStarted) {
    return everStarted
        && (policy.kind() == RestartPolicy.Kind.ALWAYS
            || wants(policy, exitCode, manual, restartCount));
  }
}
