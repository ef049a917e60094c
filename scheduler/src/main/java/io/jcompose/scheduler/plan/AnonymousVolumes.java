package io.jcompose.scheduler.plan;

import io.jcompose.core.ContainerSpec;
import io.jcompose.core.ContainerSpec.MountSpec;
import io.jcompose.core.ContainerView;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What a recreated container takes over of its predecessor's data that has no name. */
public final class AnonymousVolumes {
  private AnonymousVolumes() {}

  /**
   * The spec with its anonymous volumes replaced by the predecessor's at the same targets. A target
   * that is now something else, or that neither the file nor the image has any more, is left: its
   * volume stays, and nobody mounts it.
   *
   * @param volumes the predecessor's, name by target
   * @param declared targets for which the image asks for a volume
   */
  static ContainerSpec inherit(
      ContainerSpec spec, Map<String, String> volumes, Collection<String> declared) {
    if (volumes.isEmpty()) {
      return spec;
    }
    Map<Path, String> left = new TreeMap<>();
    volumes.forEach((target, name) -> left.put(path(target), name));
    List<MountSpec> mounts = new ArrayList<>();
    for (MountSpec mount : spec.mounts()) {
      String name = left.remove(path(mount.target()));
      boolean anonymous = mount instanceof MountSpec.Volume v && v.name().isEmpty();
      mounts.add(name != null && anonymous ? named(name, (MountSpec.Volume) mount) : mount);
    }
    for (String target : declared) {
      String name = left.remove(path(target));
      if (name != null) {
        mounts.add(new MountSpec.Volume(name, target, false, true, "", true));
      }
    }
    return spec.withMounts(mounts);
  }

  /** True when all of its volumes without a name were made for it, so that they may go with it. */
  public static boolean areOwn(ContainerView container) {
    return container.spec().mounts().stream()
        .noneMatch(mount -> mount instanceof MountSpec.Volume v && v.inherited());
  }

  private static Path path(String target) {
    return Path.of(target).normalize();
  }

  private static MountSpec named(String name, MountSpec.Volume mount) {
    return new MountSpec.Volume(name, mount.target(), mount.readOnly(), true, "", true);
  }
}
