package io.jcompose.engine;

import io.jcompose.core.ContainerSpec;
import io.jcompose.core.Resources;
import io.jcompose.network.SandboxRecord;
import io.jcompose.runtime.TaskLabels;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What {@code container.json} holds of a container: what it shall be, and how its last run went.
 * Whether it runs now is asked of its shim, never of this.
 *
 * @param command the argument vector, image and spec merged
 * @param volumes volume name by mount target, for named and anonymous ones
 * @param anonymousVolumes the names among them that go with the container
 * @param sandbox the network of the last run, for taking it over
 * @param error why the last start failed, or what the out-of-memory killer did, or that the shim
 *     was lost, or empty
 * @param restartPause how long the last restart by a policy had to wait
 * @param labels SELinux's, which it keeps
 */
record ContainerRecord(
    String id,
    ContainerSpec spec,
    String imageId,
    List<String> command,
    Map<String, String> volumes,
    List<String> anonymousVolumes,
    Instant createdAt,
    @Nullable Instant startedAt,
    @Nullable Instant finishedAt,
    int exitCode,
    boolean oomKilled,
    String error,
    int restartCount,
    boolean manuallyStopped,
    @Nullable SandboxRecord sandbox,
    Duration restartPause,
    TaskLabels labels) {

  // The checks count where a record is read from a file.
  ContainerRecord {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(spec, "spec");
    Objects.requireNonNull(spec.name(), "spec.name");
    Objects.requireNonNull(imageId, "imageId");
    Objects.requireNonNull(createdAt, "createdAt");
    command = List.copyOf(command);
    volumes = Map.copyOf(volumes);
    anonymousVolumes = List.copyOf(anonymousVolumes);
    restartPause = Objects.requireNonNullElse(restartPause, Duration.ZERO); // an older engine's
    labels = Objects.requireNonNullElse(labels, TaskLabels.NONE);
  }

  static ContainerRecord created(
      String id,
      ContainerSpec spec,
      String imageId,
      List<String> command,
      Map<String, String> volumes,
      List<String> anonymousVolumes) {
    return new ContainerRecord(
        id,
        spec,
        imageId,
        command,
        volumes,
        anonymousVolumes,
        Instant.now(),
        null,
        null,
        0,
        false,
        "",
        0,
        false,
        null,
        Duration.ZERO,
        TaskLabels.NONE);
  }

  ContainerRecord started(Instant at, @Nullable SandboxRecord network, int restarts) {
    return with(spec, new Run(at, finishedAt, 0, false, "", restarts, false, network));
  }

  /**
   * @param why what the kernel's out-of-memory killer did, that the shim was lost, or empty
   */
  ContainerRecord ended(int code, boolean oom, String why, Instant at) {
    return with(spec, new Run(startedAt, at, code, oom, why, restartCount, manuallyStopped, null));
  }

  /** Takes a start back that never came to a process; {@code at} is when the last one began. */
  ContainerRecord notStartedSince(Instant at, int code, boolean oom, Instant end) {
    return with(spec, new Run(at, end, code, oom, "", restartCount, manuallyStopped, null));
  }

  /** True when a start was begun of which no end is written. */
  boolean isOpen() {
    return startedAt != null && (finishedAt == null || finishedAt.isBefore(startedAt));
  }

  ContainerRecord failedToStart(int code, String why) {
    return with(
        spec,
        new Run(startedAt, finishedAt, code, false, why, restartCount, manuallyStopped, null));
  }

  ContainerRecord stoppedByHand(boolean byHand) {
    return with(
        spec,
        new Run(startedAt, finishedAt, exitCode, oomKilled, error, restartCount, byHand, sandbox));
  }

  ContainerRecord renamed(String name) {
    return with(
        spec.named(name),
        new Run(
            startedAt,
            finishedAt,
            exitCode,
            oomKilled,
            error,
            restartCount,
            manuallyStopped,
            sandbox));
  }

  private ContainerRecord with(ContainerSpec next, Run run) {
    return new ContainerRecord(
        id,
        next,
        imageId,
        command,
        volumes,
        anonymousVolumes,
        createdAt,
        run.startedAt,
        run.finishedAt,
        run.exitCode,
        run.oomKilled,
        run.error,
        run.restartCount,
        run.manuallyStopped,
        run.sandbox,
        restartPause,
        labels);
  }

  /** A restart by policy comes after this pause. */
  ContainerRecord waiting(Duration pause) {
    return new ContainerRecord(
        id,
        spec,
        imageId,
        command,
        volumes,
        anonymousVolumes,
        createdAt,
        startedAt,
        finishedAt,
        exitCode,
        oomKilled,
        error,
        restartCount,
        manuallyStopped,
        sandbox,
        pause,
        labels);
  }

  ContainerRecord withLimits(
      Resources resources, ContainerSpec.RestartPolicy restart, Map<String, String> labels) {
    return new ContainerRecord(
        id,
        spec.changed(resources, restart, labels),
        imageId,
        command,
        volumes,
        anonymousVolumes,
        createdAt,
        startedAt,
        finishedAt,
        exitCode,
        oomKilled,
        error,
        restartCount,
        manuallyStopped,
        sandbox,
        restartPause,
        this.labels);
  }

  ContainerRecord labelled(TaskLabels given) {
    return new ContainerRecord(
        id,
        spec,
        imageId,
        command,
        volumes,
        anonymousVolumes,
        createdAt,
        startedAt,
        finishedAt,
        exitCode,
        oomKilled,
        error,
        restartCount,
        manuallyStopped,
        sandbox,
        restartPause,
        given);
  }

  /** The anonymous volumes by their mount target. */
  Map<String, String> anonymousVolumesByTarget() {
    Map<String, String> found = new HashMap<>(volumes);
    found.values().retainAll(anonymousVolumes);
    return found;
  }

  /** The members that tell of the last run. */
  private record Run(
      @Nullable Instant startedAt,
      @Nullable Instant finishedAt,
      int exitCode,
      boolean oomKilled,
      String error,
      int restartCount,
      boolean manuallyStopped,
      @Nullable SandboxRecord sandbox) {}
}
