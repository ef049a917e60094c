package io.jcompose.scheduler.desired;

import io.jcompose.compose.model.Dependency;
import io.jcompose.core.ContainerSpec;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Networks.NetworkSpec;
import io.jcompose.core.Volumes.VolumeSpec;
import io.jcompose.scheduler.ServiceNames;
import io.soabase.recordbuilder.core.RecordBuilder;
import java.time.Duration;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The desired state of a project, in the engine's words: everything that is needed to make it, to
 * finish an interrupted {@code up} and to bring it back after a reboot, with no reference to the
 * compose files. Immutable; kept in the project's state file.
 *
 * @param services the active ones in the file's order
 * @param disabledServices those that no active profile holds; their containers are no orphans
 * @param networks by key, only those that a service uses
 * @param volumes by key
 */
@RecordBuilder
public record Desired(
    String project,
    List<String> configFiles,
    Map<String, Service> services,
    List<String> disabledServices,
    Map<String, Network> networks,
    Map<String, Volume> volumes)
    implements DesiredBuilder.With {

  public Desired {
    configFiles = List.copyOf(configFiles);
    services = ordered(services);
    disabledServices = List.copyOf(disabledServices);
    networks = ordered(networks);
    volumes = ordered(volumes);
  }

  /** The name of the volume with that key, or the word itself where there is none. */
  String volumeName(String word) {
    Volume volume = volumes.get(word);
    return volume == null ? word : volume.spec().name();
  }

  /** The same project, of which one service mounts those of the volumes besides. */
  public Desired withVolumes(String service, Collection<String> words) {
    Service former = services.get(service);
    Set<String> keys = new LinkedHashSet<>(former == null ? List.of() : former.volumes());
    words.stream().filter(volumes::containsKey).forEach(keys::add);
    if (former == null || keys.size() == former.volumes().size()) {
      return this;
    }
    Map<String, Service> changed = new LinkedHashMap<>(services);
    changed.put(service, former.withVolumes(List.copyOf(keys)));
    return withServices(changed);
  }

  /** The order of the services and what each waits for. */
  public ServiceGraph graph() {
    Map<String, Map<String, Dependency>> edges = new LinkedHashMap<>();
    services.forEach((name, service) -> edges.put(name, service.dependsOn()));
    return new ServiceGraph(edges);
  }

  /** The named services, or all if none is; with what they depend on unless that is left out. */
  public Set<String> selected(List<String> names, boolean withoutDependencies) {
    requireServices(names);
    Collection<String> named = names.isEmpty() ? services.keySet() : names;
    return withoutDependencies ? new LinkedHashSet<>(named) : graph().withDependencies(named);
  }

  /**
   * @throws JcomposeException.NotFound {@code no such service: x}
   */
  public void requireServices(Collection<String> names) {
    for (String name : names) {
      if (!services.containsKey(name)) {
        throw ServiceNames.noSuchService(name, services.keySet());
      }
    }
  }

  /** The services with these names, in the file's order. */
  public List<Service> services(Collection<String> names) {
    return services.values().stream().filter(service -> names.contains(service.name())).toList();
  }

  /**
   * One service.
   *
   * @param template the spec of its containers, but for name, number, image id and own alias
   * @param containerName empty lets the project name its containers
   * @param configHash Compose's hash of the service
   * @param pullPolicy as the compose file has it; empty is missing
   * @param networks keys in the order of the interfaces
   * @param volumes keys of the named volumes it mounts
   * @param dependsOn by service, in the file's order
   * @param restartDelay pause before a restart, null is Docker's doubling one
   * @param restartWindow run time after which a start counts as good, null is 10 s
   * @param restartAttempts restarts in a row after which it is given up; 0 is without limit
   * @param restartsUnhealthy a container that becomes unhealthy is started again, with the same
   *     pauses as after a crash
   * @param followsCrashes a restart by policy of a dependency with {@code restart: true} is
   *     followed as a restart by hand is
   * @param underscores names of its containers have {@code _} where others have {@code -}
   */
  @RecordBuilder
  public record Service(
      String name,
      ContainerSpec template,
      String containerName,
      String configHash,
      int scale,
      String pullPolicy,
      String platform,
      List<String> networks,
      List<String> volumes,
      Map<String, Dependency> dependsOn,
      @Nullable Duration restartDelay,
      @Nullable Duration restartWindow,
      int restartAttempts,
      boolean restartsUnhealthy,
      boolean followsCrashes,
      boolean underscores)
      implements ServiceBuilder.With {
    public Service {
      networks = List.copyOf(networks);
      volumes = List.copyOf(volumes);
      dependsOn = ordered(dependsOn);
    }

    /** What stands between the words of its containers' names. */
    public String separator() {
      return underscores ? "_" : "-";
    }
  }

  /** A network; an external one must exist. */
  @RecordBuilder
  public record Network(String key, NetworkSpec spec, String configHash, boolean external)
      implements NetworkBuilder.With {}

  /** A named volume; an external one must exist. */
  @RecordBuilder
  public record Volume(String key, VolumeSpec spec, String configHash, boolean external)
      implements VolumeBuilder.With {}

  private static <V> Map<String, V> ordered(Map<String, V> map) {
    return Collections.unmodifiableMap(new LinkedHashMap<>(map));
  }
}
