package io.jcompose.engine.record;

import io.jcompose.network.SandboxRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What {@code run.json} holds of a container: how its present or last run went. It is written at
 * each start and end without waiting for the disk, for after a power cut nothing runs anyway and
 * the shim's own record of the end is on the disk; what cannot be found again stands in {@link
 * ContainerRecord}. Immutable.
 *
 * @param startedAt of the last run, or null before the first
 * @param finishedAt of the last run that ended
 * @param error why the last start failed, or what the out-of-memory killer did, or that the shim
 *     was lost, or empty
 * @param sandbox the network of the last run, for taking it over
 * @param restartPause how long the last restart by a policy had to wait
 * @param open a start was begun of which no end is written; null in a file of an older engine
 */
public record RunRecord(
    @Nullable Instant startedAt,
    @Nullable Instant finishedAt,
    int exitCode,
    boolean oomKilled,
    String error,
    int restartCount,
    boolean manuallyStopped,
    @Nullable SandboxRecord sandbox,
    Duration restartPause,
    @Nullable Boolean open) {

  /** Said of an end that nobody was there to see. */
  public static final String LOST =
      "nobody saw its end: its jcompose-shim crashed or was killed, or the machine went down";

  /** Of a container that was never started. */
  static final RunRecord NONE =
      new RunRecord(null, null, 0, false, "", 0, false, null, Duration.ZERO, false);

  public RunRecord {
    error = Objects.requireNonNullElse(error, "");
    restartPause = Objects.requireNonNullElse(restartPause, Duration.ZERO); // an older engine's
    if (open == null) {
      open = startedAt != null && (finishedAt == null || finishedAt.isBefore(startedAt));
    }
  }

  /** There was a run, and all else about it is lost: the reader looks for its end. */
  static RunRecord lost(Instant notBefore) {
    return new RunRecord(
        notBefore, null, 0, false, LOST, 0, false, null, Duration.ZERO, /* open= */ true);
  }

  /** True of {@link #lost} until its end is found. */
  public boolean isLost() {
    return isOpen() && error.equals(LOST);
  }

  public boolean isOpen() {
    return Boolean.TRUE.equals(open);
  }

  public RunRecord started(Instant at, @Nullable SandboxRecord network, int restarts) {
    return new RunRecord(
        at, finishedAt, 0, false, "", restarts, false, network, restartPause, true);
  }

  /**
   * @param begun when the run that ended had begun
   * @param why what the kernel's out-of-memory killer did, that the shim was lost, or empty
   */
  public RunRecord ended(@Nullable Instant begun, int code, boolean oom, String why, Instant at) {
    return new RunRecord(
        begun, at, code, oom, why, restartCount, manuallyStopped, null, restartPause, false);
  }

  public RunRecord failedToStart(int code, String why) {
    return new RunRecord(
        startedAt,
        finishedAt,
        code,
        false,
        why,
        restartCount,
        manuallyStopped,
        null,
        restartPause,
        false);
  }

  /** What is to be said of the run. */
  public RunRecord remarked(String remark) {
    return new RunRecord(
        startedAt,
        finishedAt,
        exitCode,
        oomKilled,
        remark,
        restartCount,
        manuallyStopped,
        sandbox,
        restartPause,
        open);
  }

  public RunRecord stoppedByHand() {
    return new RunRecord(
        startedAt,
        finishedAt,
        exitCode,
        oomKilled,
        error,
        restartCount,
        true,
        sandbox,
        restartPause,
        open);
  }

  /** A restart by policy comes after this pause. */
  public RunRecord waiting(Duration pause) {
    return new RunRecord(
        startedAt,
        finishedAt,
        exitCode,
        oomKilled,
        error,
        restartCount,
        manuallyStopped,
        sandbox,
        pause,
        open);
  }
}
