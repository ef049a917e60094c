package io.jcompose.compose.model;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The {@code deploy} section.
 *
 * @param mode empty, replicated or global
 * @param replicas null when not given
 * @param endpointMode empty, vip or dnsrr
 */
public record Deploy(
    String mode,
    @Nullable Integer replicas,
    Map<String, String> labels,
    @Nullable Limits limits,
    @Nullable Limits reservations,
    @Nullable Restart restartPolicy,
    @Nullable Update updateConfig,
    @Nullable Update rollbackConfig,
    Placement placement,
    String endpointMode,
    Map<String, @Nullable Object> extensions) {
  public Deploy {
    labels = Copies.ordered(labels);
    extensions = Copies.ordered(extensions);
  }

  /**
   * Limits or reservations; 0 is not given.
   *
   * @param nanoCpus 1e9 is one CPU
   */
  public record Limits(
      long nanoCpus,
      long memoryBytes,
      long pids,
      List<DeviceRequest> devices,
      List<GenericResource> genericResources) {
    public Limits {
      devices = List.copyOf(devices);
      genericResources = List.copyOf(genericResources);
    }
  }

  /** A countable resource of a node. */
  public record GenericResource(String kind, long value) {}

  /**
   * When a task that ended is started again.
   *
   * @param condition empty, none, on-failure or any
   */
  public record Restart(
      String condition,
      @Nullable Duration delay,
      @Nullable Integer maxAttempts,
      @Nullable Duration window) {}

  /**
   * How replicas are replaced.
   *
   * @param order empty, start-first or stop-first
   */
  public record Update(
      @Nullable Integer parallelism,
      @Nullable Duration delay,
      String failureAction,
      @Nullable Duration monitor,
      double maxFailureRatio,
      String order) {}

  /** Where replicas may run. */
  public record Placement(
      List<String> constraints, List<String> spreadPreferences, int maxReplicasPerNode) {
    public static final Placement ANYWHERE = new Placement(List.of(), List.of(), 0);

    public Placement {
      constraints = List.copyOf(constraints);
      spreadPreferences = List.copyOf(spreadPreferences);
    }
  }
}
