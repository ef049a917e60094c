package io.jcompose.core;

import java.time.Duration;
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
   * @param ran how long, by a clock that nobody can set
   */
  record ContainerExited(
      String id,
      String name,
      Map<String, String> labels,
      int exitCode,
      boolean oomKilled,
      boolean requested,
      Duration ran,
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

  /**
   * Something became of a network, a volume or an image, or of all of a kind.
   *
   * @param kind Docker's word: {@code network}, {@code volume}, {@code image}
   * @param id as Docker names it there: a network's id, a volume's name, an image's id or name;
   *     empty where it is of all
   * @param action Docker's word: {@code create}, {@code pull}, {@code destroy}
   * @param attributes what Docker adds, such as {@code name} or {@code driver}
   * @param labels those of an image; Docker tells none of others
   */
  record ObjectChanged(
      String kind,
      String id,
      String action,
      Map<String, String> attributes,
      Map<String, String> labels,
      Instant at)
      implements EngineEvent {
    public ObjectChanged {
      attributes = Map.copyOf(attributes);
      labels = Map.copyOf(labels);
    }

    /** Of what has no labels that are told, just now. */
    public static ObjectChanged of(
        String kind, String id, String action, Map<String, String> attributes) {
      return new ObjectChanged(kind, id, action, attributes, Map.of(), Instant.now());
    }
  }

  /**
   * Something else was done to a container.
   *
   * @param action Docker's word: {@code pause}, {@code kill}, {@code exec_start: sh}, {@code
   *     update}
   * @param attributes what Docker adds, such as {@code signal} or {@code exitCode}
   */
  record ContainerActed(
      String id,
      String name,
      Map<String, String> labels,
      String action,
      Map<String, String> attributes,
      Instant at)
      implements EngineEvent {
    public ContainerActed {
      attributes = Map.copyOf(attributes);
    }
  }
}
