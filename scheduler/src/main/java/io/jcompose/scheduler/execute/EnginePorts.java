package io.jcompose.scheduler.execute;

import io.jcompose.core.Containers;
import io.jcompose.core.Images;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Networks;
import io.jcompose.core.Networks.NetworkView;
import io.jcompose.core.Volumes;
import io.jcompose.core.Volumes.VolumeView;
import io.jcompose.core.build.Builds;
import io.jcompose.scheduler.Labels;
import io.jcompose.scheduler.desired.Desired;
import io.jcompose.scheduler.plan.Observed;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The engine's ports: all that the scheduler sees of it. */
public record EnginePorts(
    Containers containers, Networks networks, Volumes volumes, Images images, Builds builds) {

  /**
   * What there is of a project.
   *
   * @param desired names further networks and volumes to look for; null when unknown
   * @throws JcomposeException.Unavailable when the engine's store does not answer
   */
  public Observed observe(String project, @Nullable Desired desired, Map<String, String> imageIds) {
    Map<String, String> label = Map.of(Labels.PROJECT, project);
    Map<String, NetworkView> networksByName = new HashMap<>();
    networks.list(label).forEach(view -> networksByName.put(view.name(), view));
    Map<String, VolumeView> volumesByName = new HashMap<>();
    volumes.list(label).forEach(view -> volumesByName.put(view.name(), view));
    if (desired != null) {
      for (Desired.Network network : desired.networks().values()) {
        String name = network.spec().name();
        if (!networksByName.containsKey(name)) {
          networks.find(name).ifPresent(view -> networksByName.put(name, view));
        }
      }
      for (Desired.Volume volume : desired.volumes().values()) {
        String name = volume.spec().name();
        if (!volumesByName.containsKey(name)) {
          volumes.find(name).ifPresent(view -> volumesByName.put(name, view));
        }
      }
    }
    return new Observed(
        containers.list(label), networksByName, volumesByName, imageIds, imageVolumes(imageIds));
  }

  private Map<String, List<String>> imageVolumes(Map<String, String> imageIds) {
    Map<String, List<String>> found = new HashMap<>();
    imageIds.forEach(
        (reference, id) ->
            images.find(id).ifPresent(image -> found.put(reference, image.volumes())));
    return found;
  }

  /**
   * True when a container needs the network of this name. One that does not run holds on to
   * nothing, but needs it for its start.
   */
  boolean isNamedByContainers(String network) {
    return containers.list(Map.of()).stream()
        .flatMap(view -> view.spec().networking().endpoints().stream())
        .anyMatch(endpoint -> endpoint.network().equals(network));
  }

  /** Those of the references that name an image that is there. */
  public List<String> present(List<String> references) {
    return references.stream().filter(reference -> images.find(reference).isPresent()).toList();
  }
}
