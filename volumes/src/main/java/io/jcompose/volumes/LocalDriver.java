package io.jcompose.volumes;

import io.jcompose.core.JcomposeException;
import io.jcompose.core.Mount;
import io.jcompose.core.Volumes.VolumeSpec;
import io.jcompose.linux.mount.MemoryMount;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The {@code local} volume driver: a directory of the store, or what its options {@code type},
 * {@code o} and {@code device} say in the words of man 8 mount. Binds and tmpfs are carried out,
 * other file systems are refused.
 */
final class LocalDriver {
  private static final Set<String> OPTIONS = Set.of("type", "o", "device");
  // Which options need which others, in Docker's order (github.com/moby/moby,
  // daemon/volume/local/local_unix.go).
  private static final Map<String, List<String>> NEEDED =
      Map.of("o", List.of("device", "type"), "type", List.of("device"), "device", List.of("type"));

  private LocalDriver() {}

  /** Throws NotSupported or InvalidArgument for what {@link #mount} could not do. */
  static void check(VolumeSpec spec) {
    if (!spec.driver().equals("local")) {
      throw new JcomposeException.NotSupported(
          "volume "
              + spec.name()
              + ": driver \""
              + spec.driver()
              + "\" is not available; only \"local\" is");
    }
    for (String option : spec.options().keySet()) {
      if (!OPTIONS.contains(option)) {
        throw new JcomposeException.InvalidArgument(
            "create " + spec.name() + ": invalid option: \"" + option + "\"");
      }
    }
    for (String option : spec.options().keySet()) {
      for (String needed : NEEDED.getOrDefault(option, List.of())) {
        if (!spec.options().containsKey(needed)) {
          throw new JcomposeException.InvalidArgument(
              "create " + spec.name() + ": missing required option: \"" + needed + "\"");
        }
      }
    }
    if (!isDirectory(spec) && !isBind(spec) && !isTmpfs(spec)) {
      throw new JcomposeException.NotSupported(
          "volume "
              + spec.name()
              + ": type \""
              + option(spec, "type")
              + "\" is not carried out; use a bind (o: bind) or tmpfs");
    }
    if (isBind(spec) && !option(spec, "device").startsWith("/")) {
      throw new JcomposeException.InvalidArgument(
          "create " + spec.name() + ": device must be an absolute path for o: bind");
    }
  }

  /** True for a plain volume, whose data the store keeps. */
  static boolean isDirectory(VolumeSpec spec) {
    return option(spec, "type").isEmpty() && option(spec, "device").isEmpty();
  }

  static Mount mount(VolumeSpec spec, Path data, String target, boolean readOnly, String subpath) {
    if (isTmpfs(spec) && !MemoryMount.isMounted(data)) {
      throw new JcomposeException.NotSupported(
          "volume "
              + spec.name()
              + " is in memory and can be reached only while a container runs with it");
    }
    Path source = isBind(spec) ? Path.of(option(spec, "device")) : data;
    boolean onlyRead = readOnly || words(spec).contains("ro");
    boolean recursive = words(spec).contains("rbind");
    String inside = inside(spec, source, subpath);
    boolean containers = isDirectory(spec); // the owners in a tmpfs are the host's already
    return new Mount.Bind(source, target, onlyRead, recursive, "rprivate", containers, inside);
  }

  /**
   * A subpath as the mount names it. This look at it is for good words only: whoever mounts it
   * finds it anew, and follows no link either.
   */
  private static String inside(VolumeSpec spec, Path source, String subpath) {
    if (!Files.exists(source)) {
      throw new JcomposeException.NotFound(
          "volume " + spec.name() + ": " + source + " does not exist");
    }
    Path inside = Path.of(subpath).normalize();
    Path at = source;
    for (Path part : inside) {
      at = at.resolve(part);
      if (part.toString().equals("..") || Files.isSymbolicLink(at) || !Files.exists(at)) {
        throw new JcomposeException.NotFound(
            "volume " + spec.name() + ": cannot access subpath " + subpath);
      }
    }
    return inside.toString();
  }

  private static boolean isBind(VolumeSpec spec) {
    return (words(spec).contains("bind") || words(spec).contains("rbind"))
        && !option(spec, "device").isEmpty();
  }

  /** True for a volume in memory, which must be mounted before it is used. */
  static boolean isTmpfs(VolumeSpec spec) {
    return option(spec, "type").equals("tmpfs");
  }

  private static List<String> words(VolumeSpec spec) {
    return Arrays.asList(option(spec, "o").split(",", -1));
  }

  static String option(VolumeSpec spec, String name) {
    return spec.options().getOrDefault(name, "");
  }
}
