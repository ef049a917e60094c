package io.jcompose.api.log;

import io.jcompose.core.ContainerSpec.MountSpec;
import io.jcompose.core.ContainerView;
import io.jcompose.core.Containers;
import io.jcompose.core.EngineEvent.ObjectChanged;
import io.jcompose.core.Networks;
import io.jcompose.core.Networks.NetworkView;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The networks and volumes that a container takes with its start and leaves with its end. */
record ContainerObjects(Containers containers, Networks networks) {
  /** In Docker's words, at the start. */
  List<ObjectChanged> taken(String id, Instant at) {
    return of(id, at, "connect", "mount");
  }

  /** The same at the end. */
  List<ObjectChanged> left(String id, Instant at) {
    return of(id, at, "disconnect", "unmount");
  }

  private List<ObjectChanged> of(String id, Instant at, String ofNetworks, String ofVolumes) {
    Optional<ContainerView> view = containers.find(id);
    List<ObjectChanged> all = new ArrayList<>();
    if (view.isPresent()) {
      for (ContainerView.EndpointView endpoint : view.get().endpoints()) {
        networks
            .find(endpoint.networkName())
            .map(network -> change(at, network, ofNetworks, id))
            .ifPresent(all::add);
      }
      volumes(view.get())
          .forEach(
              (target, volume) -> {
                Map<String, String> attributes = new LinkedHashMap<>();
                attributes.put("container", id);
                attributes.put("driver", "local");
                if (ofVolumes.equals("mount")) {
                  attributes.put("destination", target);
                  attributes.put("propagation", "");
                  attributes.put("read/write", String.valueOf(!volume.readOnly()));
                }
                all.add(
                    new ObjectChanged(
                        "volume", volume.name(), ofVolumes, attributes, Map.of(), at));
              });
    }
    return all;
  }

  private static ObjectChanged change(
      Instant at, NetworkView network, String action, String container) {
    String driver = network.spec().driver();
    Map<String, String> attributes = new LinkedHashMap<>();
    attributes.put("container", container);
    attributes.put("name", network.name());
    attributes.put("type", driver.isEmpty() ? "bridge" : driver);
    return new ObjectChanged("network", network.id(), action, attributes, Map.of(), at);
  }

  /** By target; those without a name of their own too. */
  private static Map<String, Mounted> volumes(ContainerView view) {
    Map<String, Mounted> all = new LinkedHashMap<>();
    for (MountSpec mount : view.spec().mounts()) {
      if (mount instanceof MountSpec.Volume volume && !volume.name().isEmpty()) {
        all.put(volume.target(), new Mounted(volume.name(), volume.readOnly()));
      }
    }
    view.anonymousVolumes()
        .forEach((target, name) -> all.putIfAbsent(target, new Mounted(name, false)));
    return all;
  }

  private record Mounted(String name, boolean readOnly) {}
}
