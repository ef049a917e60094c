package io.jcompose.build.mount;

import io.jcompose.build.mount.RunMount.Sharing;
import io.jcompose.build.word.WordException;
import io.jcompose.core.ByteSize;
import io.jcompose.core.Spelling;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** The keys and values of one {@code --mount}. */
final class MountFields {
  private static final Map<String, String> ALIASES =
      Map.of(
          "src",
          "source",
          "dst",
          "target",
          "destination",
          "target",
          "ro",
          "readonly",
          "rw",
          "readwrite");
  private static final List<String> KEYS =
      List.of(
          "type",
          "from",
          "source",
          "target",
          "readonly",
          "readwrite",
          "id",
          "sharing",
          "required",
          "size",
          "mode",
          "uid",
          "gid",
          "env");
  private static final List<String> FLAGS = List.of("readonly", "readwrite", "required");

  private final Map<String, String> values = new LinkedHashMap<>();
  private final RunMount.Type type;

  MountFields(List<String> fields, UnaryOperator<String> expand) {
    for (String field : fields) {
      int equals = field.indexOf('=');
      String written = (equals < 0 ? field : field.substring(0, equals)).toLowerCase(Locale.ROOT);
      String key = ALIASES.getOrDefault(written, written);
      if (equals < 0 && !FLAGS.contains(key)) {
        throw new WordException("invalid field '" + field + "' must be a key=value pair");
      }
      if (!KEYS.contains(key)) {
        throw new WordException(
            "unexpected key '" + written + "' in '" + field + "'" + meant(written, KEYS));
      }
      values.put(key, equals < 0 ? "true" : expand.apply(field.substring(equals + 1)));
    }
    type = choice(RunMount.Type.class, "type", "unsupported mount type", RunMount.Type.BIND);
  }

  RunMount mount() {
    checkKeys();
    return new RunMount(
        type,
        text("source"),
        target(),
        text("from"),
        readOnly(),
        id(),
        choice(Sharing.class, "sharing", "unsupported sharing value", Sharing.SHARED),
        size(),
        mode(),
        id32("uid"),
        id32("gid"),
        text("env"),
        flag("required", false));
  }

  private void checkKeys() {
    boolean owned =
        type == RunMount.Type.SECRET || type == RunMount.Type.SSH || type == RunMount.Type.CACHE;
    for (String key : List.of("mode", "uid", "gid")) {
      if (!owned && values.containsKey(key)) {
        throw new WordException(key + " not allowed for \"" + name() + "\" type mounts");
      }
    }
    allowOnly("size", type == RunMount.Type.TMPFS);
    allowOnly("required", type == RunMount.Type.SECRET || type == RunMount.Type.SSH);
    allowOnly("env", type == RunMount.Type.SECRET);
    if (values.containsKey("sharing") && type != RunMount.Type.CACHE) {
      throw new WordException("invalid cache sharing set for " + name() + " mount");
    }
    if (type == RunMount.Type.SECRET) {
      checkSecret();
    }
    if ("/".equals(text("target"))) {
      throw new WordException("invalid mount target \"/\": it would hide the root filesystem");
    }
  }

  private void checkSecret() {
    if (text("from") != null) {
      throw new WordException("secret mount should not have a from");
    }
    if (text("source") == null && text("target") == null && text("id") == null) {
      throw new WordException("invalid secret mount. one of source, target required");
    }
    if (text("source") != null && text("id") != null) {
      throw new WordException("both source and id can't be set");
    }
  }

  private void allowOnly(String key, boolean allowed) {
    if (!allowed && values.containsKey(key)) {
      throw new WordException("unexpected key '" + key + "' for mount type '" + name() + "'");
    }
  }

  private @Nullable String id() {
    String id = text("id");
    if (id != null
        || type == RunMount.Type.CACHE
        || type == RunMount.Type.BIND
        || type == RunMount.Type.TMPFS) {
      return id;
    }
    String source = text("source");
    if (source != null) {
      return source;
    }
    String target = text("target");
    return type == RunMount.Type.SSH || target == null ? "default" : baseName(target);
  }

  private @Nullable String target() {
    String target = text("target");
    String id = id();
    boolean file = target == null && type == RunMount.Type.SECRET && text("env") == null;
    return file && id != null ? "/run/secrets/" + baseName(id) : target;
  }

  private static String baseName(String path) {
    String name = path.substring(path.lastIndexOf('/') + 1);
    if (name.isEmpty() || name.equals(".") || name.equals("..")) {
      throw new WordException("invalid secret mount: '" + path + "' does not end with a name");
    }
    return name;
  }

  private boolean readOnly() {
    boolean preset = type != RunMount.Type.CACHE && type != RunMount.Type.TMPFS;
    return values.containsKey("readwrite") ? !flag("readwrite", true) : flag("readonly", preset);
  }

  private boolean flag(String key, boolean preset) {
    String value = values.get(key);
    if (value == null) {
      return preset;
    }
    return switch (value) {
      case "1", "t", "T", "true", "TRUE", "True" -> true;
      case "0", "f", "F", "false", "FALSE", "False" -> false;
      default -> throw invalid(key, value);
    };
  }

  private long size() {
    String value = values.get("size");
    if (value == null) {
      return 0;
    }
    try {
      return ByteSize.parse(value);
    } catch (RuntimeException e) {
      throw invalid("size", value);
    }
  }

  private @Nullable Integer mode() {
    String value = values.get("mode");
    if (value == null) {
      return null;
    }
    if (!value.matches("[0-7]{1,8}") || Integer.parseInt(value, 8) > 07777) {
      throw new WordException(
          "invalid value " + value + " for mode; octal digits up to 7777 are expected");
    }
    return Integer.parseInt(value, 8);
  }

  private @Nullable Long id32(String key) {
    String value = values.get(key);
    if (value == null) {
      return null;
    }
    // The highest number is the kernel's "no such id".
    if (!value.matches("[0-9]{1,10}") || Long.parseLong(value) >= 0xFFFFFFFFL) {
      throw new WordException("invalid value " + value + " for " + key);
    }
    return Long.parseLong(value);
  }

  private <E extends Enum<E>> E choice(Class<E> all, String key, String wrong, E preset) {
    String value = values.get(key);
    if (value == null) {
      return preset;
    }
    List<String> names = new ArrayList<>();
    for (E each : all.getEnumConstants()) {
      String name = each.name().toLowerCase(Locale.ROOT);
      if (name.equals(value.toLowerCase(Locale.ROOT))) {
        return each;
      }
      names.add(name);
    }
    throw new WordException(
        wrong
            + " \""
            + value
            + "\""
            + meant(value, names)
            + "; there are "
            + String.join(", ", names));
  }

  private static String meant(String word, List<String> known) {
    return Spelling.closest(word, known).map(name -> " (did you mean " + name + "?)").orElse("");
  }

  private static WordException invalid(String key, String value) {
    return new WordException("invalid value for " + key + ": " + value);
  }

  private @Nullable String text(String key) {
    String value = values.get(key);
    return value == null || value.isEmpty() ? null : value;
  }

  private String name() {
    return type.name().toLowerCase(Locale.ROOT);
  }
}
