package io.jcompose.core.contract;

import io.jcompose.core.ContainerSpec;
import io.jcompose.core.ContainerSpec.MountSpec;
import io.jcompose.core.ContainerSpec.RestartPolicy;
import io.jcompose.core.Networking;
import io.jcompose.core.Networking.EndpointSpec;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Copies of specs that differ in one thing. */
final class Specs {
  private Specs() {}

  static ContainerSpec labelled(ContainerSpec spec, String label, String value) {
    Map<String, String> labels = new HashMap<>(spec.labels());
    labels.put(label, value);
    return spec.changed(spec.resources(), spec.lifecycle().restart(), labels);
  }

  static ContainerSpec always(ContainerSpec spec) {
    RestartPolicy policy = new RestartPolicy(RestartPolicy.Kind.ALWAYS, 0);
    return spec.changed(spec.resources(), policy, spec.labels());
  }

  /**
   * @param volume empty is one without a name
   */
  static ContainerSpec mounting(ContainerSpec spec, String volume) {
    return copy(
        spec,
        spec.image(),
        spec.networking(),
        List.of(new MountSpec.Volume(volume, "/here", false, false, "")));
  }

  static ContainerSpec on(ContainerSpec spec, String network) {
    Networking networking =
        Networking.NONE
            .with()
            .mode("networks")
            .endpoints(List.of(EndpointSpec.of(network, List.of())))
            .build();
    return copy(spec, spec.image(), networking, spec.mounts());
  }

  static ContainerSpec of(ContainerSpec spec, String image) {
    return copy(spec, image, spec.networking(), spec.mounts());
  }

  private static ContainerSpec copy(
      ContainerSpec spec, String image, Networking networking, List<MountSpec> mounts) {
    return spec.with().image(image).networking(networking).mounts(mounts).build();
  }
}
