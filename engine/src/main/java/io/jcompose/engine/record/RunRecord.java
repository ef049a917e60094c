package io.jcompose.engine.record;

import io.jcompose.network.SandboxRecord;
import io.soabase.recordbuilder.core.RecordBuilder;
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
@RecordBuilder
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
    @Nullable Boolean open)
    implements RunRecordBuilder.With {

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
    return with()
        .startedAt(begun)
        .finishedAt(at)
        .exitCode(code)
        .oomKilled(oom)
        .error(why)
        .sandbox(null)
        .open(false)
        .build();
  }

  public RunRecord failedToStart(int code, String why) {
    return with().exitCode(code).oomKilled(false).error(why).sandbox(null).open(false).build();
  }

  /** What is to be said of the run. */
  public RunRecord remarked(String remark) {
    return withError(remark);
  }

  public RunRecord stoppedByHand() {
    return withManuallyStopped(true);
  }

  /** A restart by policy comes after this pause. */
  public RunRecord waiting(Duration pause) {
    return withRestartPause(pause);
  }
}
