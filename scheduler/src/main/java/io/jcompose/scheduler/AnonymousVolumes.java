package io.jcompose.scheduler;

import io.jcompose.core.ContainerSpec;
import io.jcompose.core.ContainerSpec.MountSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What a recreated container takes over of its predecessor's data that has no name. */
final class AnonymousVolumes {
  private AnonymousVolumes() {}

  /**
   * The spec with its anonymous volumes replaced by the predecessor's at the same targets. A target
   * that is now something else is left.
   *
   * @param volumes the predecessor's, name by target
   */
  static ContainerSpec inherit(ContainerSpec spec, Map<String, String> volumes) {
    if (volumes.isEmpty()) {
      return spec;
    }
    Map<String, String> left = new TreeMap<>(volumes);
    List<MountSpec> mounts = new ArrayList<>();
    for (MountSpec mount : spec.mounts()) {
      String name = left.remove(mount.target());
      boolean anonymous = mount instanceof MountSpec.Volume v && v.name().isEmpty();
      mounts.add(name != null && anonymous ? named(name, (MountSpec.Volume) mount) : mount);
    }
    // What the image declares stands in no mount of the spec.
    left.forEach((target, name) -> mounts.add(new MountSpec.Volume(name, target, false, true, "")));
    return new ContainerSpec(
        spec.name(),
        spec.image(),
        spec.imageId(),
        spec.labels(),
        spec.process(),
        spec.security(),
        spec.networking(),
        mounts,
        spec.files(),
        spec.resources(),
        spec.lifecycle(),
        spec.health(),
        spec.logging());
  }

  private static MountSpec named(String name, MountSpec.Volume mount) {
    return new MountSpec.Volume(name, mount.target(), mount.readOnly(), true, "");
  }
}
