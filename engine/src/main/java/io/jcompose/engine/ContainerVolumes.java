package io.jcompose.engine;

import io.jcompose.core.ContainerSpec;
import io.jcompose.core.ContainerSpec.MountSpec;
import io.jcompose.core.Ids;
import io.jcompose.core.Images.ImageView;
import io.jcompose.core.Rollback;
import io.jcompose.core.Volumes.VolumeSpec;
import io.jcompose.core.Volumes.VolumeView;
import io.jcompose.images.ImageStore;
import io.jcompose.volumes.VolumeStore;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** The volumes of a container in the making: found or made, and filled from the image. */
record ContainerVolumes(ImageStore images, VolumeStore volumes) {
  /**
   * Makes what the spec and the image want.
   *
   * @param mounted takes volume names by mount target
   * @param anonymous takes the names among them that go with the container
   * @param before takes the names of those that will be made for it, before the first is
   */
  void provide(
      ContainerSpec spec,
      ImageView image,
      Map<String, String> mounted,
      List<String> anonymous,
      Consumer<List<String>> before,
      Rollback rollback) {
    List<String> own = new ArrayList<>();
    List<String> covered = new ArrayList<>();
    for (MountSpec mount : spec.mounts()) {
      covered.add(mount.target());
      if (mount instanceof MountSpec.Volume v) {
        mounted.put(v.target(), v.name().isEmpty() ? next(own) : named(v.name(), anonymous));
      }
    }
    for (String target : image.volumes()) {
      if (!covered.contains(target)) {
        mounted.put(target, next(own));
      }
    }
    if (!own.isEmpty()) {
      before.accept(own);
      own.forEach(name -> make(name, rollback));
      anonymous.addAll(own);
    }
  }

  private static String next(List<String> names) {
    names.add(Ids.next());
    return names.getLast();
  }

  /**
   * A volume by its name; one that was made without a name goes on with the container that takes it
   * over.
   */
  private String named(String name, List<String> anonymous) {
    VolumeView volume =
        volumes
            .find(name)
            .orElseGet(() -> volumes.create(new VolumeSpec(name, "", Map.of(), Map.of())));
    if (volume.anonymous()) {
      anonymous.add(name);
    }
    return name;
  }

  private void make(String name, Rollback rollback) {
    volumes.createAnonymous(name);
    rollback.push("anonymous volume " + name, () -> volumes.remove(name));
  }

  /** Copies the image's content up into volumes that are empty. */
  void fill(ContainerSpec spec, Map<String, String> mounted, String imageId) {
    if (mounted.isEmpty()) {
      return;
    }
    List<String> unfilled =
        spec.mounts().stream()
            .filter(m -> m instanceof MountSpec.Volume v && (v.noCopy() || !v.subpath().isEmpty()))
            .map(MountSpec::target)
            .toList();
    List<Path> layers = images.layers(imageId);
    mounted.forEach(
        (target, name) -> {
          if (!unfilled.contains(target)) {
            volumes.fill(name, layers, target);
          }
        });
  }

  /** Removes volumes by name; what is gone is passed over. */
  void remove(List<String> names) {
    names.forEach(volumes::remove);
  }
}
