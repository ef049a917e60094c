package io.jcompose.scheduler.plan;

import io.jcompose.core.ContainerView;
import io.jcompose.core.Networks.NetworkView;
import io.jcompose.core.Volumes.VolumeView;
import io.jcompose.scheduler.Labels;
import io.jcompose.scheduler.desired.Desired;
import io.jcompose.scheduler.desired.ServiceGraph;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What exists of a project at one moment. Immutable.
 *
 * @param containers with the project's label, one-offs too, sorted by name
 * @param networks by name: those with the project's label, and those that its file names
 * @param volumes by name, likewise
 * @param imageIds by reference: the images that services name, where they exist
 * @param imageVolumes by reference: the targets for which these images ask for volumes
 */
public record Observed(
    List<ContainerView> containers,
    Map<String, NetworkView> networks,
    Map<String, VolumeView> volumes,
    Map<String, String> imageIds,
    Map<String, List<String>> imageVolumes) {
  public Observed {
    containers = List.copyOf(containers);
    networks = Map.copyOf(networks);
    volumes = Map.copyOf(volumes);
    imageIds = Map.copyOf(imageIds);
    imageVolumes = Map.copyOf(imageVolumes);
  }

  /** Of containers alone, for what makes none. */
  public static Observed of(List<ContainerView> containers) {
    return new Observed(containers, Map.of(), Map.of(), Map.of(), Map.of());
  }

  /** Containers by service, by number; one-offs are left out. */
  public Map<String, List<ContainerView>> replicas() {
    Map<String, List<ContainerView>> found = new HashMap<>();
    for (ContainerView container : containers) {
      if (!Labels.isOneOff(container)) {
        found.computeIfAbsent(Labels.service(container), key -> new ArrayList<>()).add(container);
      }
    }
    found.values().forEach(list -> list.sort(Comparator.comparingInt(Labels::number)));
    return found;
  }

  /** Which containers there are, and which run of each: what a command that saw them means. */
  public Map<String, String> runs() {
    return runs(containers);
  }

  /** The runs of containers, by id. */
  public static Map<String, String> runs(List<ContainerView> containers) {
    Map<String, String> runs = new LinkedHashMap<>();
    containers.forEach(view -> runs.put(view.id(), run(view)));
    return runs;
  }

  /** Tells a container's runs apart; never compared by order, for a clock may be set back. */
  public static String run(ContainerView container) {
    Instant started = container.startedAt();
    return started == null ? "" : started.toString();
  }

  /**
   * True for a container that an interrupted recreation left beside the one whose place it was to
   * take. It has that one's volumes, so it must never run beside it.
   */
  public boolean isLeftover(ContainerView container) {
    return Replica.isSuccessor(container)
        && containers.stream().anyMatch(old -> Replica.isSuccessorOf(container, old));
  }

  /**
   * Targets for which an image asks for volumes; where nobody can look into it, those that a
   * container of it has.
   */
  Collection<String> declaredVolumes(String image, ContainerView container) {
    List<String> declared = imageVolumes.get(image);
    return declared == null ? container.anonymousVolumes().keySet() : declared;
  }

  /** The file's graph with the services that only labels know, or the labels' alone. */
  public ServiceGraph graph(@Nullable Desired desired) {
    ServiceGraph labels = ServiceGraph.ofLabels(containers);
    return desired == null ? labels : desired.graph().with(labels);
  }
}
