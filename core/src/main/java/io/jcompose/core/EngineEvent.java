package io.jcompose.core;

import java.time.Instant;
import java.util.Map;

/** A fact about the engine's objects, told after it became true and durable. */
public sealed interface EngineEvent {
  Instant at();

  /** The labels of the object, for filtering by project. */
  Map<String, String> labels();

  record ContainerCreated(String id, String name, Map<String, String> labels, Instant at)
      implements EngineEvent {}

  record ContainerStarted(String id, String name, Map<String, String> labels, Instant at)
      implements EngineEvent {}

  /**
   * A container's main process ended.
   *
   * @param exitCode the program's own, or 128 + signal
   * @param requested a person or the scheduler asked for the end
   */
  record ContainerExited(
      String id,
      String name,
      Map<String, String> labels,
      int exitCode,
      boolean oomKilled,
      boolean requested,
      Instant at)
      implements EngineEvent {}

  record HealthChanged(
      String id,
      String name,
      Map<String, String> labels,
      ContainerView.HealthStatus health,
      Instant at)
      implements EngineEvent {}

  record ContainerRemoved(String id, String name, Map<String, String> labels, Instant at)
      implements EngineEvent {}
}
