package io.jcompose.scheduler;

import io.jcompose.core.ContainerSpec.MountSpec;
import io.jcompose.core.ContainerView;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Volumes.VolumeView;
import io.jcompose.scheduler.execute.EnginePorts;
import io.jcompose.scheduler.store.ProjectStore;
import io.jcompose.scheduler.store.ProjectStore.Stored;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** What there is of the projects: their containers, images and volumes. Thread-safe. */
public final class ProjectLists {
  private final EnginePorts ports;
  private final ProjectStore store;

  ProjectLists(EnginePorts ports, ProjectStore store) {
    this.ports = ports;
    this.store = store;
  }

  /**
   * The project's containers, sorted by name.
   *
   * @param services empty is all
   * @param all those that do not run and one-offs too
   */
  public List<ContainerView> containers(String project, List<String> services, boolean all) {
    return ports.containers().list(Map.of(Labels.PROJECT, project)).stream()
        .filter(view -> all || (view.isRunning() && !Labels.isOneOff(view)))
        .filter(view -> services.isEmpty() || services.contains(Labels.service(view)))
        .toList();
  }

  /** Whether the image of that name is one that the project built, by its label. */
  public boolean isBuiltBy(String project, String reference) {
    return ports
        .images()
        .find(reference)
        .filter(image -> project.equals(image.labels().get(Labels.PROJECT)))
        .isPresent();
  }

  /**
   * The project's volumes, sorted by name.
   *
   * @param services only those that their containers mount; empty is all
   */
  public List<VolumeView> volumes(String project, List<String> services) {
    Set<String> mounted =
        containers(project, services, true).stream()
            .flatMap(view -> view.spec().mounts().stream())
            .filter(MountSpec.Volume.class::isInstance)
            .map(mount -> ((MountSpec.Volume) mount).name())
            .collect(Collectors.toSet());
    return ports.volumes().list(Map.of(Labels.PROJECT, project)).stream()
        .filter(volume -> services.isEmpty() || mounted.contains(volume.name()))
        .toList();
  }

  /**
   * Projects with containers, sorted by name.
   *
   * @param all those too of which nothing runs
   */
  public List<ProjectView> projects(boolean all) {
    Map<String, List<ContainerView>> byProject = new TreeMap<>();
    for (ContainerView view : ports.containers().list(Map.of(Labels.PROJECT, ""))) {
      if (!all && !view.isActive()) {
        continue;
      }
      String project = view.labels().getOrDefault(Labels.PROJECT, "");
      byProject.computeIfAbsent(project, key -> new ArrayList<>()).add(view);
    }
    List<ProjectView> views = new ArrayList<>();
    byProject.forEach(
        (project, members) -> {
          String files = members.getFirst().labels().getOrDefault(Labels.CONFIG_FILES, "");
          views.add(
              new ProjectView(
                  project,
                  status(members),
                  files.isEmpty() ? List.of() : List.of(files.split(",", -1))));
        });
    return views;
  }

  /**
   * Refuses a service that neither the project's last file nor any container of it names.
   *
   * @throws JcomposeException.NotFound {@code no such service: x}
   */
  public void requireKnown(String project, List<String> services) {
    if (services.isEmpty()) {
      return;
    }
    Set<String> known = services(project);
    for (String name : services) {
      if (!known.contains(name)) {
        throw ServiceNames.noSuchService(name, known);
      }
    }
  }

  /** The services that the project had at its last {@code up}, and those of its containers. */
  public Set<String> services(String project) {
    Set<String> known = new TreeSet<>();
    store
        .load(project)
        .map(Stored::desired)
        .ifPresent(desired -> known.addAll(desired.services().keySet()));
    ports
        .containers()
        .list(Map.of(Labels.PROJECT, project))
        .forEach(view -> known.add(Labels.service(view)));
    return known;
  }

  private static String status(List<ContainerView> members) {
    Map<String, Integer> counts = new TreeMap<>();
    for (ContainerView view : members) {
      counts.merge(view.state().name().toLowerCase(Locale.ROOT), 1, Integer::sum);
    }
    List<String> parts = new ArrayList<>();
    counts.forEach((state, count) -> parts.add(state + "(" + count + ")"));
    return String.join(", ", parts);
  }
}
