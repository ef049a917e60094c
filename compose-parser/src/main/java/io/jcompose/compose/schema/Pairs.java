package io.jcompose.compose.schema;

import io.jcompose.compose.tree.Node;
import io.jcompose.compose.tree.Node.ListNode;
import io.jcompose.compose.tree.Node.MapNode;
import io.jcompose.compose.tree.Node.Scalar;
import io.jcompose.compose.tree.Problems;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads values that are {@code K=V} lists or mappings alike, and extra hosts. */
final class Pairs {
  private final Problems problems;

  Pairs(Problems problems) {
    this.problems = problems;
  }

  /** A mapping of keys to texts; {@code type} says what a missing value becomes. */
  @Nullable Node shape(Node node, String type, String path) {
    MapNode result = new MapNode(node.position);
    if (node instanceof MapNode map) {
      map.entries.forEach(
          (key, value) -> {
            if (value.directive == Node.Directive.RESET || value.isUnknown()) {
              result.entries.put(key, value);
            } else if (value instanceof Scalar scalar && allows(type, scalar)) {
              Object text = scalar.isNull() && type.equals("kv") ? null : scalar.text();
              put(result, key, new Scalar(text, value.position), path);
            } else {
              problems.error(value.position, path + "." + key, "must be a " + word(type));
            }
          });
    } else if (node instanceof ListNode list) {
      if (!isPairs(type)) {
        return wrong(node, path, "must be a mapping");
      }
      for (Node item : list.items) {
        if (item.isUnknown()) {
          continue;
        }
        if (!(item instanceof Scalar scalar) || !(scalar.value instanceof String)) {
          problems.error(
              item.position, path, "must be a string like KEY=value, unexpected " + item.kind());
          continue;
        }
        String text = scalar.text();
        int equals = text.indexOf('=');
        String key = equals < 0 ? text : text.substring(0, equals);
        Object value = equals >= 0 ? text.substring(equals + 1) : type.equals("kv") ? null : "";
        put(result, key, new Scalar(value, item.position), path);
      }
    } else {
      return wrong(node, path, "must be a mapping or an array");
    }
    return result;
  }

  /** Whether {@code K=V} lists are as good as mappings. */
  private static boolean isPairs(String type) {
    return type.equals("kv") || type.equals("lab");
  }

  private static boolean allows(String type, Scalar value) {
    return switch (type) {
      case "opts" -> !(value.value instanceof Boolean);
      case "nopts" -> !(value.value instanceof Boolean) && !value.isNull();
      case "strs" -> value.value instanceof String;
      default -> true;
    };
  }

  private static String word(String type) {
    return switch (type) {
      case "opts" -> "null, number or string";
      case "nopts" -> "number or string";
      case "strs" -> "string";
      default -> "boolean, null, number or string";
    };
  }

  private void put(MapNode result, String key, Node value, String path) {
    if (path.endsWith("environment") && key.endsWith(" ")) {
      problems.error(
          value.position,
          path,
          "environment variable " + key + " is declared with a trailing space");
    }
    result.entries.put(key, value);
  }

  /** Sorted texts {@code host=address}. */
  @Nullable Node hosts(Node node, String path) {
    ListNode result = new ListNode(node.position);
    if (node instanceof MapNode map) {
      map.entries.forEach(
          (host, value) -> {
            List<Node> addresses = value instanceof ListNode list ? list.items : List.of(value);
            for (Node address : addresses) {
              if (address instanceof Scalar scalar && scalar.value instanceof String text) {
                result.add(host + "=" + unbracket(text));
              } else {
                problems.error(address.position, path + "." + host, "must be a string");
              }
            }
          });
    } else if (node instanceof ListNode list) {
      for (Node item : list.items) {
        if (item.isUnknown()) {
          continue;
        }
        String text = item instanceof Scalar scalar ? scalar.text() : "";
        int cut = text.indexOf('=') > 0 ? text.indexOf('=') : text.indexOf(':');
        if (cut <= 0) {
          problems.error(item.position, path, "invalid additional host, missing IP: " + text);
          continue;
        }
        for (String address : text.substring(cut + 1).split(",")) {
          result.add(text.substring(0, cut) + "=" + unbracket(address));
        }
      }
    } else {
      return wrong(node, path, "must be a mapping or a array");
    }
    return result;
  }

  private static String unbracket(String address) {
    return address.startsWith("[") && address.endsWith("]")
        ? address.substring(1, address.length() - 1)
        : address;
  }

  private @Nullable Node wrong(Node node, String path, String message) {
    problems.error(node.position, path, message);
    return null;
  }
}
