package io.jcompose.volumes;

import io.jcompose.core.JcomposeException;
import io.jcompose.core.Mount;
import io.jcompose.core.Volumes.VolumeSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * The {@code local} volume driver: a directory of the store, or what its options {@code type},
 * {@code o} and {@code device} say in the words of man 8 mount. Binds and tmpfs are carried out,
 * other file systems are refused.
 */
final class LocalDriver {
  private static final Set<String> OPTIONS = Set.of("type", "o", "device");

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
    if (isTmpfs(spec)) {
      if (!subpath.isEmpty()) {
        throw new JcomposeException.InvalidArgument(
            "volume " + spec.name() + ": a tmpfs volume has no subpath");
      }
      return new Mount.Tmpfs(target, option(spec, "o") + (readOnly ? ",ro" : ""));
    }
    Path source = isBind(spec) ? Path.of(option(spec, "device")) : data;
    boolean onlyRead = readOnly || words(spec).contains("ro");
    boolean recursive = words(spec).contains("rbind");
    String inside = inside(spec, source, subpath);
    return new Mount.Bind(source, target, onlyRead, recursive, "rprivate", !isBind(spec), inside);
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

  private static boolean isTmpfs(VolumeSpec spec) {
    return option(spec, "type").equals("tmpfs");
  }

  private static List<String> words(VolumeSpec spec) {
    return Arrays.asList(option(spec, "o").split(",", -1));
  }

  private static String option(VolumeSpec spec, String name) {
    return spec.options().getOrDefault(name, "");
  }
}
