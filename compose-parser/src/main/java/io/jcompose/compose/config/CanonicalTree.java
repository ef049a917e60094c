package io.jcompose.compose.config;

import io.jcompose.compose.model.Canonical;
import io.jcompose.compose.schema.Schema;
import io.jcompose.compose.schema.Schema.Field;
import io.jcompose.compose.schema.Schema.Kind;
import io.jcompose.compose.schema.Schema.ValueType;
import io.jcompose.compose.tree.JsonText;
import io.jcompose.compose.tree.Node;
import io.jcompose.compose.tree.Node.ListNode;
import io.jcompose.compose.tree.Node.MapNode;
import io.jcompose.compose.tree.Node.Scalar;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Turns the loader's tree into plain values in Docker Compose's order of keys, and hashes them. */
public final class CanonicalTree {
  private static final Set<String> NOT_HASHED =
      Set.of("build", "pull_policy", "scale", "depends_on", "profiles", "env_file", "label_file");

  /** Go has these by value, so that one of which nothing is said is an empty one. */
  private static final Set<String> VALUES = Set.of("network", "volume");

  private static final Set<String> SIZES = Set.of("bytes", "wbytes", "size");

  private final Schema schema = Schema.COMPOSE;

  /** The whole project; every object's extensions follow its own keys. */
  public Canonical.Content project(MapNode root) {
    return hashed(cast(object(root, "root")));
  }

  /** The whole project as its files have it, for a load without interpolation. */
  public static Canonical.Content raw(MapNode root) {
    return hashed(cast(plain(root)));
  }

  /** A printed tree with the hashes of its services, networks and volumes. */
  public static Canonical.Content hashed(Map<String, Object> printed) {
    Map<String, String> hashes = new LinkedHashMap<>();
    MessageDigest sha256 = sha256();
    section(printed, "services")
        .forEach((key, value) -> hashes.put("services." + key, hash(sha256, service(cast(value)))));
    section(printed, "networks")
        .forEach(
            (key, value) ->
                hashes.put("networks." + key, hash(sha256, withoutExtensions(cast(value)))));
    section(printed, "volumes")
        .forEach((key, value) -> hashes.put("volumes." + key, hash(sha256, volume(cast(value)))));
    return new Canonical.Content(printed, hashes);
  }

  @SuppressWarnings("unchecked") // objects of this tree are maps with text keys
  public static Map<String, Object> cast(@Nullable Object value) {
    return value instanceof Map<?, ?> map ? (Map<String, Object>) map : Map.of();
  }

  static Map<String, Object> section(Map<String, Object> root, String key) {
    return cast(root.get(key));
  }

  private static Map<String, Object> service(Map<String, Object> service) {
    Map<String, Object> hashed = goJson(withoutExtensions(service));
    hashed.keySet().removeAll(NOT_HASHED);
    if (hashed.get("deploy") instanceof Map<?, ?> deploy) {
      Map<String, Object> copy = new LinkedHashMap<>(cast(deploy));
      copy.remove("replicas");
      hashed.put("deploy", copy);
    }
    return hashed;
  }

  /** The service as Go's JSON has it: block devices lack the lower-case names that YAML has. */
  static Map<String, Object> goJson(Map<String, Object> service) {
    Map<String, Object> copy = new LinkedHashMap<>(service);
    copy.computeIfPresent(
        "blkio_config",
        (key, value) -> {
          Map<String, Object> all = new LinkedHashMap<>(cast(value));
          all.replaceAll((name, item) -> item instanceof List<?> list ? capitalized(list) : item);
          return all;
        });
    return copy;
  }

  private static List<Object> capitalized(List<?> devices) {
    List<Object> all = new ArrayList<>(devices.size());
    for (Object device : devices) {
      Map<String, Object> copy = new LinkedHashMap<>();
      cast(device)
          .forEach(
              (key, value) ->
                  copy.put(Character.toUpperCase(key.charAt(0)) + key.substring(1), value));
      all.add(copy);
    }
    return all;
  }

  private static Map<String, Object> volume(Map<String, Object> volume) {
    Map<String, Object> hashed = new LinkedHashMap<>();
    hashed.put("name", volume.getOrDefault("name", ""));
    hashed.put("driver", volume.getOrDefault("driver", "local"));
    withoutExtensions(volume).forEach(hashed::putIfAbsent);
    return hashed;
  }

  /** A deep copy without {@code x-…} keys, which Docker Compose leaves out of JSON. */
  private static Map<String, Object> withoutExtensions(Map<String, Object> object) {
    Map<String, Object> copy = new LinkedHashMap<>();
    object.forEach(
        (key, value) -> {
          if (!key.startsWith("x-")) {
            copy.put(key, value instanceof Map<?, ?> map ? withoutExtensions(cast(map)) : value);
          }
        });
    return copy;
  }

  private static String hash(MessageDigest sha256, Object value) {
    return HexFormat.of()
        .formatHex(sha256.digest(JsonText.compact(value).getBytes(StandardCharsets.UTF_8)));
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private @Nullable Object value(Node node, ValueType type) {
    return switch (type.kind()) {
      case SCALAR -> scalar(node, type.name());
      case OBJECT -> node instanceof MapNode map ? object(map, type.name()) : plain(node);
      case LIST, MAP -> elements(node, type);
    };
  }

  private @Nullable Object elements(Node node, ValueType type) {
    ValueType element = schema.element(type);
    if (node instanceof ListNode list) {
      List<@Nullable Object> items = new ArrayList<>(list.items.size());
      list.items.forEach(item -> items.add(value(item, element)));
      return items;
    }
    if (node instanceof MapNode map) {
      Map<String, @Nullable Object> entries = new TreeMap<>();
      boolean never = VALUES.contains(type.name());
      map.entries.forEach(
          (key, item) -> {
            boolean empty = never && item.isNull();
            entries.put(key, value(empty ? new MapNode(item.position) : item, element));
          });
      return entries;
    }
    return plain(node);
  }

  private Object object(MapNode map, String name) {
    if (name.equals("ulimit")
        && map.get("single") instanceof Scalar single
        && single.value instanceof Long number) {
      return number == 0 ? Map.of() : number; // Go cannot tell a single 0 from none
    }
    Map<String, @Nullable Object> result = new LinkedHashMap<>();
    for (Field field : schema.fields(name).values()) {
      Node node = map.get(field.name());
      Object value = node == null ? null : value(node, field.type());
      if (field.always()) {
        boolean section = field.type().kind() != Kind.SCALAR && value == null;
        result.put(field.name(), section ? absent(field) : value);
      } else if (value != null && (field.pointer() || !isEmpty(value, field.type()))) {
        result.put(field.name(), value);
      }
    }
    Map<String, Node> extensions = new TreeMap<>();
    map.entries.forEach(
        (key, value) -> {
          if (key.startsWith("x-")) {
            extensions.put(key, value);
          }
        });
    extensions.forEach((key, value) -> result.put(key, plain(value)));
    return result;
  }

  private Object absent(Field field) {
    if (field.name().equals("exec")) {
      Map<String, @Nullable Object> hook = new LinkedHashMap<>();
      hook.put("command", null);
      return hook;
    }
    return Map.of();
  }

  private static boolean isEmpty(Object value, ValueType type) {
    return switch (value) {
      case String text -> text.isEmpty() || (text.equals("0s") && type.name().equals("dur"));
      case Boolean truth -> !truth;
      case Number number -> number.doubleValue() == 0;
      case List<?> list -> list.isEmpty();
      case Map<?, ?> map -> map.isEmpty();
      default -> false;
    };
  }

  private @Nullable Object scalar(Node node, String type) {
    Object plain = plain(node);
    if (plain instanceof List<?> hosts && type.equals("hosts")) {
      return hosts.stream().map(String::valueOf).sorted().toList();
    }
    if (plain instanceof Long bytes && SIZES.contains(type)) {
      return bytes == 0 ? "" : bytes.toString();
    }
    if (type.equals("num") && (plain instanceof Double || plain instanceof Long)) {
      return Double.valueOf(Float.toString(((Number) plain).floatValue()));
    }
    return plain;
  }

  static @Nullable Object plain(Node node) {
    return JsonText.plain(node);
  }
}
