package io.jcompose.engine.create;

import io.jcompose.core.ContainerSpec;
import io.jcompose.core.ContainerSpec.MountSpec;
import io.jcompose.core.Ids;
import io.jcompose.core.Images.ImageView;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Volumes.VolumeSpec;
import io.jcompose.core.sync.Rollback;
import io.jcompose.images.ImageStore;
import io.jcompose.volumes.VolumeStore;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The volumes of a container in the making: found or made, and filled from the image. */
public record ContainerVolumes(ImageStore images, VolumeStore volumes) {
  private static final Logger LOG = LoggerFactory.getLogger(ContainerVolumes.class);

  /**
   * Makes what the spec and the image want.
   *
   * @param mounted takes volume names by mount target
   * @param anonymous takes the names among them that go with the container: those that have no name
   *     in its spec, and those that it inherits
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
        mounted.put(v.target(), v.name().isEmpty() ? next(own) : named(v, own, anonymous));
      }
    }
    for (String target : image.volumes()) {
      if (covered.stream().noneMatch(other -> isSame(other, target))) {
        mounted.put(target, next(own));
      }
    }
    if (!own.isEmpty()) {
      before.accept(own);
      own.forEach(name -> make(name, rollback));
      anonymous.addAll(own);
    }
  }

  /** True for two mount targets that are one place, such as {@code /data} and {@code /data/}. */
  public static boolean isSame(String one, String other) {
    return Path.of(one).normalize().equals(Path.of(other).normalize());
  }

  private static String next(List<String> names) {
    names.add(Ids.next());
    return names.getLast();
  }

  /**
   * A volume by its name. Only one that is inherited goes with the container: one that the user
   * names is kept, also one that was made without a name.
   */
  private String named(MountSpec.Volume mount, List<String> own, List<String> anonymous) {
    boolean present = volumes.find(mount.name()).isPresent();
    if (mount.inherited()) {
      (present ? anonymous : own).add(mount.name());
    } else if (!present) {
      volumes.create(new VolumeSpec(mount.name(), "", Map.of(), Map.of()));
    }
    return mount.name();
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

  /** Removes volumes by name; what is gone is passed over, and what others use is left to them. */
  void remove(List<String> names) {
    for (String name : names) {
      try {
        volumes.remove(name);
      } catch (JcomposeException.Conflict e) {
        LOG.info("an anonymous volume stays: {}", e.getMessage());
      }
    }
  }
}
