package io.jcompose.api.docker.create;

import io.jcompose.api.docker.call.Refusal;
import io.jcompose.api.docker.model.ContainerCreateRequest;
import io.jcompose.api.docker.model.HostConfig;
import io.jcompose.api.docker.model.HostConfig.Mount;
import io.jcompose.core.ContainerSpec.MountSpec;
import io.jcompose.core.ContainerView;
import io.jcompose.core.Volumes.VolumeSpec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The mounts of a container, from all the places in which a client may ask for them. Docker's order
 * of precedence: what another container has, binds, mounts in the long form, memory, anonymous
 * volumes. Confined to one thread.
 */
final class MountRequests {
  private static final Set<String> PROPAGATIONS =
      Set.of("rprivate", "private", "rshared", "shared", "rslave", "slave");
  private static final int MOST = 1_000;
  private static final String RECURSIVE = "rprivate";

  private final Function<String, ContainerView> others;
  private final Map<String, MountSpec> mounts = new LinkedHashMap<>();
  private final List<VolumeSpec> volumes = new ArrayList<>();

  /**
   * @param others finds a container, or throws NotFound
   */
  MountRequests(Function<String, ContainerView> others) {
    this.others = others;
  }

  List<MountSpec> mounts() {
    return List.copyOf(mounts.values());
  }

  /** Volumes that are to be there before, with options and labels of their own. */
  List<VolumeSpec> volumes() {
    return List.copyOf(volumes);
  }

  void take(ContainerCreateRequest asked, HostConfig host) {
    String driver = Given.text(host.volumeDriver());
    if (!driver.isEmpty()) {
      requireLocal(driver);
    }
    Given.texts(host.volumesFrom()).forEach(this::from);
    Set<String> own = new HashSet<>();
    Given.texts(host.binds()).forEach(text -> add(bind(text), own));
    Given.all(host.mounts()).forEach(mount -> add(mount(mount), own));
    Given.pairs(host.tmpfs())
        .forEach((target, options) -> add(new MountSpec.Tmpfs(absolute(target), options), own));
    if (asked.volumes() != null) {
      asked.volumes().keySet().forEach(this::anonymous);
    }
  }

  /** In the place of what another container has there, but of nothing that was asked for. */
  private void add(MountSpec mount, Set<String> own) {
    mounts.put(mount.target(), mount);
    requireFew();
    if (!own.add(mount.target())) {
      throw new Refusal(400, "Duplicate mount point: " + mount.target());
    }
  }

  private void requireFew() {
    if (mounts.size() > MOST) {
      throw new Refusal(400, "more than " + MOST + " mounts");
    }
  }

  private void anonymous(String target) {
    String[] parts = Given.text(target).split(":", -1);
    if (parts.length > 1) {
      throw invalid(target);
    }
    String clean = absolute(target);
    mounts.putIfAbsent(clean, new MountSpec.Volume("", clean, false, false, ""));
    requireFew();
  }

  /** All binds and volumes of another container, also those that have no name. */
  private void from(String text) {
    int colon = text.lastIndexOf(':');
    String mode = colon < 0 ? "rw" : text.substring(colon + 1);
    if (!mode.equals("ro") && !mode.equals("rw")) {
      throw new Refusal(400, "invalid mode: " + mode);
    }
    ContainerView other = others.apply(colon < 0 ? text : text.substring(0, colon));
    boolean readOnly = mode.equals("ro");
    for (MountSpec mount : other.spec().mounts()) {
      switch (mount) {
        case MountSpec.Bind b ->
            mounts.put(
                b.target(),
                new MountSpec.Bind(
                    b.source(),
                    b.target(),
                    b.readOnly() || readOnly,
                    b.createHostPath(),
                    b.recursive(),
                    b.propagation(),
                    b.selinux()));
        case MountSpec.Volume v ->
            mounts.put(
                v.target(),
                new MountSpec.Volume(
                    v.name().isEmpty()
                        ? other.anonymousVolumes().getOrDefault(v.target(), "")
                        : v.name(),
                    v.target(),
                    v.readOnly() || readOnly,
                    v.noCopy(),
                    v.subpath()));
        case MountSpec.Tmpfs _ -> {} // stays the other's own
      }
    }
    other
        .anonymousVolumes()
        .forEach(
            (target, name) ->
                mounts.putIfAbsent(target, new MountSpec.Volume(name, target, readOnly, true, "")));
  }

  /** {@code source:target[:mode]}, or {@code target} alone for an anonymous volume. */
  private static MountSpec bind(String text) {
    String[] parts = text.split(":", -1);
    if (text.isEmpty() || parts.length > 3 || List.of(parts).contains("")) {
      throw invalid(text);
    }
    if (parts.length == 1) {
      return new MountSpec.Volume("", absolute(text), false, false, "");
    }
    String source = parts[0];
    String target = absolute(parts[1]);
    Mode mode = parts.length < 3 ? Mode.NONE : Mode.parse(parts[2], text);
    if (source.startsWith("/")) {
      if (mode.noCopy) {
        throw invalid(text);
      }
      return new MountSpec.Bind(
          Path.of(source).normalize(),
          target,
          mode.readOnly,
          !source.endsWith(".sock"), // a folder in the place of a socket helps nobody
          true,
          mode.propagation.isEmpty() ? RECURSIVE : mode.propagation,
          mode.selinux);
    }
    if (!mode.propagation.isEmpty()) {
      throw invalid(text);
    }
    return new MountSpec.Volume(source, target, mode.readOnly, mode.noCopy, "");
  }

  /** The third part of a bind. */
  private record Mode(boolean readOnly, boolean noCopy, String propagation, String selinux) {
    static final Mode NONE = new Mode(false, false, "", "");

    static Mode parse(String text, String whole) {
      Set<String> seen = new HashSet<>();
      String propagation = "";
      String selinux = "";
      for (String word : text.split(",", -1)) {
        if (!seen.add(word)) {
          throw invalid(whole);
        }
        if (PROPAGATIONS.contains(word) && propagation.isEmpty()) {
          propagation = word;
        } else if ((word.equals("z") || word.equals("Z")) && selinux.isEmpty()) {
          selinux = word;
        } else if (!Set.of("ro", "rw", "nocopy", "cached", "delegated", "consistent", "default")
            .contains(word)) {
          throw new Refusal(400, "invalid mode: " + text);
        }
      }
      if (seen.contains("ro") && seen.contains("rw")) {
        throw invalid(whole);
      }
      return new Mode(seen.contains("ro"), seen.contains("nocopy"), propagation, selinux);
    }
  }

  private static Refusal invalid(String text) {
    return new Refusal(400, "invalid volume specification: '" + shown(text) + "'");
  }

  private static String shown(String text) {
    return text.length() > 200 ? text.substring(0, 200) + "…" : text;
  }

  private static String absolute(String target) {
    String text = Given.text(target);
    if (!text.startsWith("/")) {
      throw new Refusal(
          400, "invalid mount path: '" + shown(text) + "' mount path must be absolute");
    }
    return Path.of(text).normalize().toString();
  }

  private MountSpec mount(Mount mount) {
    String type = Given.text(mount.type());
    if (Given.text(mount.target()).isEmpty()) {
      throw wrong(type, "field Target must not be empty");
    }
    String target = absolute(Given.text(mount.target()));
    return switch (type) {
      case "bind" -> bind(mount, target);
      case "volume" -> volume(mount, target);
      case "tmpfs" -> tmpfs(mount, target);
      case "image" -> throw Refusal.notYet("mounts of images");
      default -> throw wrong(type, "mount type unknown");
    };
  }

  private static Refusal wrong(String type, String why) {
    return new Refusal(400, "invalid mount config for type " + Refusal.shown(type) + ": " + why);
  }

  private static MountSpec bind(Mount mount, String target) {
    String source = Given.text(mount.source());
    if (source.isEmpty()) {
      throw wrong("bind", "field Source must not be empty");
    }
    if (!source.startsWith("/")) {
      throw wrong(
          "bind", "invalid mount path: '" + shown(source) + "' mount path must be absolute");
    }
    if (mount.volumeOptions() != null || mount.tmpfsOptions() != null) {
      throw wrong("bind", "field VolumeOptions and TmpfsOptions must not be specified");
    }
    Mount.BindOptions options = mount.bindOptions();
    String propagation = options == null ? "" : Given.text(options.propagation());
    if (!propagation.isEmpty() && !PROPAGATIONS.contains(propagation)) {
      throw wrong("bind", "invalid propagation mode: " + Refusal.shown(propagation));
    }
    if (options != null && (options.readOnlyNonRecursive() || options.readOnlyForceRecursive())) {
      throw Refusal.notYet("how deep a bind is read-only; it is so to its end");
    }
    return new MountSpec.Bind(
        Path.of(source).normalize(),
        target,
        mount.readOnly(),
        options != null && options.createMountpoint(),
        options == null || !options.nonRecursive(),
        propagation);
  }

  private MountSpec volume(Mount mount, String target) {
    if (mount.bindOptions() != null || mount.tmpfsOptions() != null) {
      throw wrong("volume", "field BindOptions and TmpfsOptions must not be specified");
    }
    String name = Given.text(mount.source());
    Mount.VolumeOptions options = mount.volumeOptions();
    if (options != null) {
      declare(name, options);
    }
    String subpath = options == null ? "" : Given.text(options.subpath());
    if (name.isEmpty() && !subpath.isEmpty()) {
      throw wrong("volume", "must not set Subpath when using anonymous volumes");
    }
    return new MountSpec.Volume(
        name, target, mount.readOnly(), options != null && options.noCopy(), subpath);
  }

  private void declare(String name, Mount.VolumeOptions options) {
    Mount.Driver driver = options.driverConfig();
    Map<String, String> driverOptions = driver == null ? Map.of() : Given.pairs(driver.options());
    if (driver != null && !Given.text(driver.name()).isEmpty()) {
      requireLocal(Given.text(driver.name()));
    }
    Map<String, String> labels = Given.pairs(options.labels());
    if (driverOptions.isEmpty() && labels.isEmpty()) {
      return;
    }
    if (name.isEmpty()) {
      throw Refusal.notYet("labels and options of a volume without a name");
    }
    volumes.add(new VolumeSpec(name, "local", driverOptions, labels));
  }

  private static void requireLocal(String driver) {
    if (!driver.equals("local")) {
      throw new Refusal(400, "plugin " + Refusal.shown(driver) + " not found");
    }
  }

  private static MountSpec tmpfs(Mount mount, String target) {
    if (!Given.text(mount.source()).isEmpty()) {
      throw wrong("tmpfs", "field Source must not be specified");
    }
    if (mount.bindOptions() != null || mount.volumeOptions() != null) {
      throw wrong("tmpfs", "field BindOptions and VolumeOptions must not be specified");
    }
    return new MountSpec.Tmpfs(target, options(mount.tmpfsOptions(), mount.readOnly()));
  }

  private static String options(Mount.@Nullable TmpfsOptions given, boolean readOnly) {
    List<String> options = new ArrayList<>();
    if (readOnly) {
      options.add("ro");
    }
    if (given != null) {
      if (given.sizeBytes() < 0) {
        throw wrong("tmpfs", "size must be a positive number");
      }
      if (given.sizeBytes() > 0) {
        options.add("size=" + given.sizeBytes());
      }
      if (given.mode() != 0) {
        options.add("mode=" + Integer.toOctalString(given.mode()));
      }
      for (List<String> option : Given.all(given.options())) {
        options.add(String.join("=", Given.texts(option)));
      }
    }
    return String.join(",", options);
  }
}
