package io.jcompose.compose.schema;

import io.jcompose.compose.schema.Schema.Field;
import io.jcompose.compose.schema.Schema.Kind;
import io.jcompose.compose.schema.Schema.ValueType;
import io.jcompose.compose.tree.Node;
import io.jcompose.compose.tree.Node.ListNode;
import io.jcompose.compose.tree.Node.MapNode;
import io.jcompose.compose.tree.Problems;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Checks that a merged tree has all keys that must be there, and no value that is missing: one file
 * alone may leave to another what the whole must have.
 */
public final class Completeness {
  private static final Map<String, List<String>> REQUIRED =
      Map.ofEntries(
          Map.entry("dependency", List.of("condition")),
          Map.entry("device", List.of("source")),
          Map.entry("devreq", List.of("capabilities")),
          Map.entry("envfile", List.of("path")),
          Map.entry("hook", List.of("command")),
          Map.entry("include", List.of("path")),
          Map.entry("model", List.of("model")),
          Map.entry("mount", List.of("type", "target")),
          Map.entry("port", List.of("target")),
          Map.entry("provider", List.of("type")),
          Map.entry("trigger", List.of("path", "action")),
          Map.entry("ulimit", List.of("soft", "hard")));

  /** Docker's words where they are not the schema's. */
  private static final Map<String, String> WORDS =
      Map.of(
          "port target", "is missing a target port",
          "mount target", "is missing a mount target",
          "envfile path", "environment path attribute is missing");

  /** Types whose value may be missing. */
  private static final Set<String> NULLABLE =
      Set.of("cmd", "any", "deploy", "develop", "network", "volume", "attachment", "modeluse");

  private final Schema schema = Schema.COMPOSE;
  private final Problems problems;

  public Completeness(Problems problems) {
    this.problems = problems;
  }

  public void check(MapNode root) {
    object(root, "root", "");
  }

  private void value(Node node, ValueType type, String path) {
    if (node.isNull()) {
      if (!isNullable(type, path)) {
        problems.at(node, path, "must be a " + word(type) + " (it is empty)");
      }
      return;
    }
    switch (type.kind()) {
      case OBJECT -> {
        if (node instanceof MapNode map) {
          object(map, type.name(), path);
        }
      }
      case LIST -> {
        if (node instanceof ListNode list) {
          ValueType element = schema.element(type);
          for (int i = 0; i < list.items.size(); i++) {
            value(list.items.get(i), element, path + ".[" + i + "]");
          }
        }
      }
      case MAP -> {
        if (node instanceof MapNode map) {
          ValueType element = schema.element(type);
          map.entries.forEach((key, item) -> value(item, element, path + "." + key));
        }
      }
      case SCALAR -> {}
    }
  }

  private void object(MapNode map, String type, String path) {
    required(map, type, path);
    map.entries.forEach(
        (key, value) -> {
          Field field = schema.fields(type).get(key);
          if (field != null && (value.isNull() || field.type().kind() != Kind.SCALAR)) {
            value(value, field.type(), path.isEmpty() ? key : path + "." + key);
          }
        });
  }

  private void required(MapNode map, String type, String path) {
    for (String key : REQUIRED.getOrDefault(type, List.of())) {
      if (!map.entries.containsKey(key)
          && !isOptional(map, type, path)
          && !problems.blames(path + "." + key)) {
        String message = WORDS.getOrDefault(type + " " + key, "missing property '" + key + "'");
        problems.at(map, path, message);
      }
    }
    if (type.equals("mount")
        && map.text("type").equals("bind")
        && map.text("source").isEmpty()
        && !problems.blames(path + ".source")) {
      problems.at(
          map, path, "invalid mount config for type \"bind\": field Source must not be empty");
    }
  }

  /** One number stands for both ulimits; requests under {@code gpus} are for GPUs anyway. */
  private boolean isOptional(MapNode map, String type, String path) {
    return (type.equals("ulimit") && (map.entries.containsKey("single") || problems.blames(path)))
        || (type.equals("devreq") && path.contains(".gpus."));
  }

  /** What an object should be; some may be without a value. */
  static String mapping(ValueType type) {
    return NULLABLE.contains(type.name()) ? "must be a mapping or null" : "must be a mapping";
  }

  /** Sections of the file may be empty, but {@code services}; so may what has a null of its own. */
  private static boolean isNullable(ValueType type, String path) {
    boolean section = path.indexOf('.') < 0 && !path.equals("services") && !path.equals("name");
    boolean single = type.kind() == Kind.OBJECT || type.kind() == Kind.SCALAR;
    return section || (single && NULLABLE.contains(type.name())) || path.endsWith(".pid");
  }

  /** What a value should be, in the words of the schema. */
  static String word(ValueType type) {
    return switch (type.kind()) {
      case LIST -> "array";
      case MAP -> "mapping";
      case OBJECT ->
          switch (type.name()) {
            case "build", "extends", "mount", "device", "fileref", "envfile", "port", "include" ->
                "string or mapping";
            default -> "mapping";
          };
      case SCALAR -> scalarWord(type.name());
    };
  }

  private static String scalarWord(@Nullable String name) {
    return switch (name) {
      case "bool" -> "boolean or string";
      case "int", "count", "wbytes" -> "integer or string";
      case "num", "usec", "bytes", "perm", "mode" -> "number or string";
      case "sol", "test", "cmd" -> "string or array";
      case "kv", "lab", "hosts", "ssh" -> "mapping or array";
      case "opts", "nopts", "strs", "provopts" -> "mapping";
      case null, default -> "string";
    };
  }
}
