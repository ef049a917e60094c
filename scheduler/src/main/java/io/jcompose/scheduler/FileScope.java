package io.jcompose.scheduler;

import io.jcompose.compose.model.NetworkConfig;
import io.jcompose.compose.model.Project;
import io.jcompose.compose.model.VolumeConfig;
import io.jcompose.scheduler.desired.Desired;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the files of a command say that their project has. The command acts on that, and leaves what
 * other files brought into a project of the same name. Immutable; kept with an interrupted command.
 *
 * @param configFiles paths in the order of merging
 * @param services also those that no active profile holds
 * @param networks names of those that the project makes
 * @param volumes names of those that the project makes
 */
public record FileScope(
    List<String> configFiles, List<String> services, List<String> networks, List<String> volumes) {
  public FileScope {
    configFiles = List.copyOf(configFiles);
    services = List.copyOf(services);
    networks = List.copyOf(networks);
    volumes = List.copyOf(volumes);
  }

  public static FileScope of(Project project) {
    List<String> services = new ArrayList<>(project.services().keySet());
    services.addAll(project.disabledServices().keySet());
    return new FileScope(
        project.files().stream().map(Object::toString).toList(),
        services,
        project.networks().values().stream()
            .filter(network -> !network.external())
            .map(NetworkConfig::name)
            .toList(),
        project.volumes().values().stream()
            .filter(volume -> !volume.external())
            .map(VolumeConfig::name)
            .toList());
  }

  /**
   * With the services and networks of the last {@code up}, if that came of the same files: what
   * these have lost since is still theirs. Volumes are only those that the files name now.
   */
  FileScope with(@Nullable Desired last) {
    if (last == null || !last.configFiles().equals(configFiles)) {
      return this;
    }
    List<String> networksBefore =
        last.networks().values().stream()
            .filter(network -> !network.external())
            .map(network -> network.spec().name())
            .toList();
    return new FileScope(
        configFiles,
        union(union(services, last.services().keySet()), last.disabledServices()),
        union(networks, networksBefore),
        volumes);
  }

  private static List<String> union(Collection<String> some, Collection<String> others) {
    Set<String> all = new LinkedHashSet<>(some);
    all.addAll(others);
    return List.copyOf(all);
  }
}
