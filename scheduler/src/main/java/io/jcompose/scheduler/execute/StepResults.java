package io.jcompose.scheduler.execute;

import io.jcompose.core.Volumes.VolumeView;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What the steps of one command have made, by the ids that the engine gave, and what it refused.
 * Whatever else has such a name is not of this command. Thread-safe.
 */
public final class StepResults {
  private final Set<String> refused = ConcurrentHashMap.newKeySet();
  private final Set<String> restarting = ConcurrentHashMap.newKeySet();
  private final Map<String, String> containers = new ConcurrentHashMap<>();
  private final Map<String, String> networks = new ConcurrentHashMap<>();
  private final Map<String, Instant> volumes = new ConcurrentHashMap<>();

  /** Ids of containers whose limits could not be changed while they run. */
  public Set<String> refused() {
    return Set.copyOf(refused);
  }

  void refuse(String id) {
    refused.add(id);
  }

  /** Notes that a container's restart has been reported, which its stop begins. */
  void restarts(String containerId) {
    restarting.add(containerId);
  }

  boolean isRestarting(String containerId) {
    return restarting.contains(containerId);
  }

  /**
   * @param name the one that the container has in the end
   */
  void madeContainer(String name, String id) {
    containers.put(name, id);
  }

  /** The id of the container that was made to have the name in the end. */
  public Optional<String> container(String name) {
    return Optional.ofNullable(containers.get(name));
  }

  boolean isMade(String containerId) {
    return containers.containsValue(containerId);
  }

  void madeNetwork(String name, String id) {
    networks.put(name, id);
  }

  Optional<String> network(String name) {
    return Optional.ofNullable(networks.get(name));
  }

  void madeVolume(VolumeView volume) {
    volumes.put(volume.name(), volume.createdAt());
  }

  /** True for the very volume that was made, not for another of its name. */
  boolean isMade(VolumeView volume) {
    return volume.createdAt().equals(volumes.get(volume.name()));
  }
}
