package io.jcompose.api.inspect;

import io.jcompose.core.ContainerSpec;
import io.jcompose.core.ContainerSpec.MountSpec;
import io.jcompose.core.ContainerView;
import io.jcompose.core.Volumes;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The {@code Mounts} of {@code inspect}: binds, volumes and tmpfs, those of the image too. */
public final class MountsJson {
  private MountsJson() {}

  /** Of one container. */
  public static List<Object> of(ContainerView view, Volumes volumes) {
    List<Object> mounts = new ArrayList<>();
    Map<String, String> anonymous = new TreeMap<>(view.anonymousVolumes());
    for (MountSpec mount : view.spec().mounts()) {
      switch (mount) {
        case MountSpec.Bind bind -> {
          Map<String, Object> one = new LinkedHashMap<>();
          one.put("Type", "bind");
          one.put("Source", bind.source().toString());
          one.put("Destination", bind.target());
          one.put("Mode", mode(bind));
          one.put("RW", !bind.readOnly());
          one.put("Propagation", bind.propagation().isEmpty() ? "rprivate" : bind.propagation());
          mounts.add(one);
        }
        case MountSpec.Volume volume -> {
          String own = anonymous.remove(volume.target());
          String mode = volume.readOnly() ? "ro" : own == null ? "rw" : "z";
          String name = own == null ? volume.name() : own;
          mounts.add(volume(name, volume.target(), mode, volumes));
        }
        case MountSpec.Tmpfs tmpfs -> {
          Map<String, Object> one = new LinkedHashMap<>();
          one.put("Type", "tmpfs");
          one.put("Source", "");
          one.put("Destination", tmpfs.target());
          one.put("Mode", "");
          one.put("RW", true);
          one.put("Propagation", "");
          mounts.add(one);
        }
      }
    }
    view.spec().files().forEach(file -> mounts.add(file(file)));
    anonymous.forEach((target, name) -> mounts.add(volume(name, target, "", volumes)));
    return mounts;
  }

  /** A config or secret, which Docker Compose binds; one of inline content has no source. */
  private static Map<String, Object> file(ContainerSpec.FileSpec file) {
    Map<String, Object> one = new LinkedHashMap<>();
    one.put("Type", "bind");
    one.put("Source", file.source() == null ? "" : String.valueOf(file.source()));
    one.put("Destination", file.target());
    one.put("Mode", "");
    one.put("RW", false);
    one.put("Propagation", "rprivate");
    return one;
  }

  /** As Docker Compose asks for it. */
  static String mode(MountSpec.Bind bind) {
    return (bind.readOnly() ? "ro" : "rw") + (bind.selinux().isEmpty() ? "" : "," + bind.selinux());
  }

  /** What {@code Binds} has no words for: a path that must be there, a part of a volume. */
  static boolean isLong(MountSpec mount) {
    return switch (mount) {
      case MountSpec.Bind bind ->
          !bind.recursive()
              || (!bind.createHostPath() && !bind.source().toString().endsWith(".sock"));
      case MountSpec.Volume volume -> !volume.subpath().isEmpty();
      case MountSpec.Tmpfs _ -> false;
    };
  }

  /** Those in the form of {@code --mount}, as a client may ask for them again. */
  static List<Object> longForms(ContainerSpec spec) {
    List<Object> all = new ArrayList<>();
    for (MountSpec mount : spec.mounts()) {
      if (isLong(mount)) {
        Map<String, Object> one = new LinkedHashMap<>();
        one.put("Type", mount instanceof MountSpec.Bind ? "bind" : "volume");
        one.put("Source", source(mount));
        one.put("Target", mount.target());
        if (isReadOnly(mount)) {
          one.put("ReadOnly", true);
        }
        options(mount, one);
        all.add(one);
      }
    }
    return all;
  }

  private static String source(MountSpec mount) {
    return switch (mount) {
      case MountSpec.Bind bind -> bind.source().toString();
      case MountSpec.Volume volume -> volume.name();
      case MountSpec.Tmpfs _ -> "";
    };
  }

  private static boolean isReadOnly(MountSpec mount) {
    return switch (mount) {
      case MountSpec.Bind bind -> bind.readOnly();
      case MountSpec.Volume volume -> volume.readOnly();
      case MountSpec.Tmpfs _ -> false;
    };
  }

  private static void options(MountSpec mount, Map<String, Object> one) {
    Map<String, Object> options = new LinkedHashMap<>();
    if (mount instanceof MountSpec.Bind bind) {
      if (!bind.propagation().isEmpty()) {
        options.put("Propagation", bind.propagation());
      }
      if (!bind.recursive()) {
        options.put("NonRecursive", true);
      }
      if (bind.createHostPath()) {
        options.put("CreateMountpoint", true);
      }
    } else if (mount instanceof MountSpec.Volume volume) {
      if (volume.noCopy()) {
        options.put("NoCopy", true);
      }
      options.put("Subpath", volume.subpath());
    }
    if (!options.isEmpty()) {
      one.put(mount instanceof MountSpec.Bind ? "BindOptions" : "VolumeOptions", options);
    }
  }

  private static Map<String, Object> volume(
      String name, String target, String mode, Volumes volumes) {
    Map<String, Object> one = new LinkedHashMap<>();
    one.put("Type", "volume");
    one.put("Name", name);
    one.put("Source", volumes.find(name).map(v -> v.mountpoint().toString()).orElse(""));
    one.put("Destination", target);
    one.put("Driver", "local");
    one.put("Mode", mode);
    one.put("RW", !mode.equals("ro"));
    one.put("Propagation", "");
    return one;
  }

  /** Paths of what is mounted from the host, then names of volumes; a tmpfs has no name. */
  public static List<String> names(ContainerView view) {
    List<String> names = new ArrayList<>();
    for (MountSpec mount : view.spec().mounts()) {
      if (mount instanceof MountSpec.Bind bind) {
        names.add(bind.source().toString());
      }
    }
    view.spec().files().stream()
        .filter(file -> file.source() != null)
        .forEach(file -> names.add(String.valueOf(file.source())));
    names.addAll(volumes(view));
    return names;
  }

  /** Names of volumes, anonymous ones last. */
  public static List<String> volumes(ContainerView view) {
    List<String> names = new ArrayList<>();
    for (MountSpec mount : view.spec().mounts()) {
      if (mount instanceof MountSpec.Volume volume && !volume.name().isEmpty()) {
        names.add(volume.name());
      }
    }
    view.anonymousVolumes().values().stream()
        .filter(name -> !names.contains(name))
        .forEach(names::add);
    return names;
  }
}
