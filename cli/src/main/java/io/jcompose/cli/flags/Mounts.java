package io.jcompose.cli.flags;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** {@code --mount}, {@code -v} and {@code --tmpfs}. Stateless. */
final class Mounts {
  private static final Set<String> TRUE = Set.of("1", "t", "T", "TRUE", "true", "True");
  private static final Set<String> FALSE = Set.of("0", "f", "F", "FALSE", "false", "False");

  private Mounts() {}

  /** The volumes with a source; a path from the command's folder is made whole. */
  static List<String> binds(Flags flags) {
    List<String> binds = new ArrayList<>();
    for (String text : flags.all("volume")) {
      int colon = text.indexOf(':');
      if (colon > 0) {
        String source = text.substring(0, colon);
        binds.add(
            source.startsWith(".") ? flags.path(source).normalize() + text.substring(colon) : text);
      }
    }
    return binds;
  }

  /** The targets of those without one, each with an empty object. */
  static Map<String, Object> anonymous(Flags flags) {
    Map<String, Object> targets = new LinkedHashMap<>();
    for (String text : flags.all("volume")) {
      if (text.indexOf(':') <= 0) {
        targets.put(text, Map.of());
      }
    }
    return targets;
  }

  /** Options of file systems in memory, by target. */
  static Map<String, String> tmpfs(Flags flags) {
    Map<String, String> all = new LinkedHashMap<>();
    for (String text : flags.all("tmpfs")) {
      int colon = text.indexOf(':');
      all.put(
          colon < 0 ? text : text.substring(0, colon), colon < 0 ? "" : text.substring(colon + 1));
    }
    return all;
  }

  static List<Map<String, Object>> mounts(Flags flags) {
    return flags.parsedAll("mount", text -> new Mount(flags).take(text));
  }

  /** One that is being read. */
  private static final class Mount {
    private final Flags flags;
    private final Map<String, Object> mount = new LinkedHashMap<>(Map.of("Type", "volume"));
    private final Map<String, Object> bind = new LinkedHashMap<>();
    private final Map<String, Object> volume = new LinkedHashMap<>();
    private final Map<String, Object> image = new LinkedHashMap<>();
    private final Map<String, Object> tmpfs = new LinkedHashMap<>();
    private final Map<String, String> labels = new LinkedHashMap<>();
    private final Map<String, Object> driver = new LinkedHashMap<>();
    private final Map<String, String> driverOptions = new LinkedHashMap<>();

    Mount(Flags flags) {
      this.flags = flags;
    }

    Map<String, Object> take(String text) {
      for (String field : CommaFields.of(text)) {
        int equals = field.indexOf('=');
        String name = (equals < 0 ? field : field.substring(0, equals)).toLowerCase(Locale.ROOT);
        if (equals < 0
            && !Set.of("readonly", "ro", "volume-nocopy", "bind-nonrecursive").contains(name)) {
          throw new IllegalArgumentException(
              "invalid field '" + field + "' must be a key=value pair");
        }
        set(name, equals < 0 ? "true" : field.substring(equals + 1), field);
      }
      requireWhole();
      if (!driverOptions.isEmpty()) {
        driver.put("Options", driverOptions);
      }
      putUnlessEmpty(volume, "Labels", labels);
      putUnlessEmpty(volume, "DriverConfig", driver);
      putUnlessEmpty(mount, "BindOptions", bind);
      putUnlessEmpty(mount, "VolumeOptions", volume);
      putUnlessEmpty(mount, "ImageOptions", image);
      putUnlessEmpty(mount, "TmpfsOptions", tmpfs);
      return mount;
    }

    private static void putUnlessEmpty(Map<String, Object> to, String name, Map<String, ?> what) {
      if (!what.isEmpty()) {
        to.put(name, what);
      }
    }

    private void set(String name, String value, String field) {
      switch (name) {
        case "type" -> mount.put("Type", value.toLowerCase(Locale.ROOT));
        case "source", "src" -> mount.put("Source", source(value));
        case "target", "dst", "destination" -> mount.put("Target", value);
        case "readonly", "ro" -> mount.put("ReadOnly", truth(name, value));
        case "consistency" -> mount.put("Consistency", value.toLowerCase(Locale.ROOT));
        case "bind-propagation" -> bind.put("Propagation", value.toLowerCase(Locale.ROOT));
        case "bind-nonrecursive" -> bind.put("NonRecursive", truth(name, value));
        case "bind-recursive" -> recursive(value);
        case "volume-subpath" -> volume.put("Subpath", value);
        case "volume-nocopy" -> volume.put("NoCopy", truth(name, value));
        case "volume-label" -> labels.putAll(NamedTexts.pairs(List.of(value)));
        case "volume-driver" -> driver.put("Name", value);
        case "volume-opt" -> driverOptions.putAll(NamedTexts.pairs(List.of(value)));
        case "image-subpath" -> image.put("Subpath", value);
        case "tmpfs-size" -> tmpfs.put("SizeBytes", size(name, value));
        case "tmpfs-mode" -> tmpfs.put("Mode", mode(name, value));
        default ->
            throw new IllegalArgumentException("unexpected key '" + name + "' in '" + field + "'");
      }
    }

    private String source(String value) {
      boolean isHere = value.equals(".") || value.startsWith("./");
      Path path = isHere ? flags.path(value).normalize() : Path.of("/");
      return isHere ? path.toString() : value;
    }

    private static boolean truth(String name, String value) {
      if (TRUE.contains(value) || FALSE.contains(value)) {
        return TRUE.contains(value);
      }
      throw invalid(name, value);
    }

    private void recursive(String value) {
      switch (value) {
        case "enabled" -> {} // so it is
        case "disabled" -> bind.put("NonRecursive", true);
        case "writable" -> bind.put("ReadOnlyNonRecursive", true);
        case "readonly" -> bind.put("ReadOnlyForceRecursive", true);
        default ->
            throw new IllegalArgumentException(
                "invalid value for bind-recursive: "
                    + value
                    + " (must be \"enabled\", \"disabled\", \"writable\", or \"readonly\")");
      }
    }

    private static long size(String name, String value) {
      try {
        return Quantity.bytes(value);
      } catch (IllegalArgumentException e) {
        throw invalid(name, value);
      }
    }

    private static int mode(String name, String value) {
      if (!value.matches("[0-7]{1,6}")) {
        throw invalid(name, value);
      }
      return Integer.parseInt(value, 8);
    }

    private static IllegalArgumentException invalid(String name, String value) {
      return new IllegalArgumentException("invalid value for " + name + ": " + value);
    }

    private void requireWhole() {
      String type = String.valueOf(mount.get("Type"));
      if (type.isEmpty()) {
        throw new IllegalArgumentException("type is required");
      }
      if (!mount.containsKey("Target") || "".equals(mount.get("Target"))) {
        throw new IllegalArgumentException("target is required");
      }
      boolean volumes = !volume.isEmpty() || !labels.isEmpty() || !driver.isEmpty();
      refuse(volumes || !driverOptions.isEmpty(), "volume", type);
      refuse(!bind.isEmpty(), "bind", type);
      refuse(!image.isEmpty(), "image", type);
      refuse(!tmpfs.isEmpty(), "tmpfs", type);
    }

    private static void refuse(boolean given, String kind, String type) {
      if (given && !type.equals(kind)) {
        throw new IllegalArgumentException(
            "cannot mix '" + kind + "-*' options with mount type '" + type + "'");
      }
    }
  }
}
