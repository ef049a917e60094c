package io.jcompose.core;

import io.soabase.recordbuilder.core.RecordBuilder;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A container as it is at one moment. Immutable.
 *
 * @param error why the last start failed, or what the out-of-memory killer did in the last run, or
 *     that its shim was lost
 * @param restartPause how long the last restart by a policy had to wait; zero when there was none
 * @param anonymousVolumes volume name by mount target, of those that go with the container
 */
@RecordBuilder
public record ContainerView(
    String id,
    ContainerSpec spec,
    String imageId,
    State state,
    long pid,
    int exitCode,
    boolean oomKilled,
    String error,
    Instant createdAt,
    @Nullable Instant startedAt,
    @Nullable Instant finishedAt,
    int restartCount,
    boolean manuallyStopped,
    HealthStatus health,
    List<EndpointView> endpoints,
    List<PortBinding> ports,
    List<String> command,
    Map<String, String> anonymousVolumes,
    Duration restartPause)
    implements ContainerViewBuilder.With {

  public ContainerView {
    endpoints = List.copyOf(endpoints);
    ports = List.copyOf(ports);
    command = List.copyOf(command);
    anonymousVolumes = Map.copyOf(anonymousVolumes);
  }

  public String name() {
    return spec.name();
  }

  public Map<String, String> labels() {
    return spec.labels();
  }

  public boolean isRunning() {
    return state == State.RUNNING || state == State.PAUSED;
  }

  /** Whether it runs or is about to run again: what Docker lists without {@code --all}. */
  public boolean isActive() {
    return isRunning() || state == State.RESTARTING;
  }

  /** Docker's states. */
  public enum State {
    CREATED,
    RUNNING,
    PAUSED,
    RESTARTING,
    EXITED,
    REMOVING,
    DEAD
  }

  /** NONE when there is no health check. */
  public enum HealthStatus {
    NONE,
    STARTING,
    HEALTHY,
    UNHEALTHY
  }

  /**
   * The container on one network, with the addresses it has while it runs; empty texts while it
   * does not.
   */
  public record EndpointView(
      String networkName,
      String networkId,
      String ipv4Address,
      String ipv6Address,
      String macAddress,
      String gateway,
      List<String> aliases) {
    public EndpointView {
      aliases = List.copyOf(aliases);
    }
  }

  /** A published port with the host port it got. */
  public record PortBinding(String hostIp, int hostPort, int containerPort, String protocol) {}
}
