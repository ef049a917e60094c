package io.jcompose.engine.record;

import io.jcompose.core.ContainerSpec;
import io.jcompose.core.Resources;
import io.jcompose.runtime.TaskLabels;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a container on disk. All but {@code run} is desired, cannot be found out again,
 * and stands in {@code container.json}, which is only ever written durably; {@code run} is how its
 * last run went, in a file of its own. Whether it runs now is asked of its shim, never of this.
 * Immutable.
 *
 * @param command the argument vector, image and spec merged
 * @param volumes volume name by mount target, for named and anonymous ones
 * @param anonymousVolumes the names among them that go with the container
 * @param labels SELinux's, which it keeps
 * @param run not part of {@code container.json}
 */
@RecordBuilder
public record ContainerRecord(
    String id,
    ContainerSpec spec,
    String imageId,
    List<String> command,
    Map<String, String> volumes,
    List<String> anonymousVolumes,
    Instant createdAt,
    TaskLabels labels,
    RunRecord run)
    implements ContainerRecordBuilder.With {
  /** The label of a container that runs a step of a build: on no list, and gone with its engine. */
  public static final String OF_A_BUILD = "io.jcompose.build";

  // The checks count where a record is read from a file.
  public ContainerRecord {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(spec, "spec");
    Objects.requireNonNull(spec.name(), "spec.name");
    Objects.requireNonNull(imageId, "imageId");
    Objects.requireNonNull(createdAt, "createdAt");
    command = List.copyOf(command);
    volumes = Map.copyOf(volumes);
    anonymousVolumes = List.copyOf(anonymousVolumes);
    labels = Objects.requireNonNullElse(labels, TaskLabels.NONE);
    run = Objects.requireNonNullElse(run, RunRecord.NONE);
  }

  public boolean isOfABuild() {
    return spec.labels().containsKey(OF_A_BUILD);
  }

  /** What is written of it: a step of a build is never taken over, and its secrets stay here. */
  ContainerRecord onDisk() {
    return isOfABuild()
        ? withSpec(
            spec.with()
                .process(spec.process().with().env(List.of()).build())
                .files(List.of())
                .build())
        : this;
  }

  public static ContainerRecord created(
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
        TaskLabels.NONE,
        RunRecord.NONE);
  }

  public ContainerRecord renamed(String name) {
    return withSpec(spec.withName(name));
  }

  public ContainerRecord withLimits(
      Resources resources, ContainerSpec.RestartPolicy restart, Map<String, String> marks) {
    return withSpec(spec.changed(resources, restart, marks));
  }

  @Nullable
  public Instant startedAt() {
    return run.startedAt();
  }

  public int exitCode() {
    return run.exitCode();
  }

  /** The anonymous volumes by their mount target. */
  Map<String, String> anonymousVolumesByTarget() {
    Map<String, String> found = new HashMap<>(volumes);
    found.values().retainAll(anonymousVolumes);
    return found;
  }
}
