package io.jcompose.compose.schema;

import io.jcompose.compose.tree.GoText;
import io.jcompose.compose.tree.Node;
import io.jcompose.compose.tree.Node.ListNode;
import io.jcompose.compose.tree.Node.MapNode;
import io.jcompose.compose.tree.Node.Scalar;
import io.jcompose.compose.tree.Problems;
import io.jcompose.compose.tree.ShellWords;
import io.jcompose.core.ByteSize;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.time.GoDuration;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Checks and normalises values that have no keys of the schema's: texts, numbers, K=V families. */
final class Scalars {
  private final Problems problems;
  private final Pairs pairs;

  Scalars(Problems problems) {
    this.problems = problems;
    pairs = new Pairs(problems);
  }

  /** The value as the type wants it; null when it is wrong, which is recorded. */
  @Nullable Node shape(Node node, String type, String path) {
    if (node.isNull() && !type.equals("cmd") && !type.equals("test")) {
      return node;
    }
    return switch (type) {
      case "any" -> node;
      case "cmd" -> command(node, path);
      case "test" -> test(node, path);
      case "sol", "ssh" -> texts(node, path);
      case "kv", "lab", "opts", "nopts", "strs" -> pairs.shape(node, type, path);
      case "hosts" -> pairs.hosts(node, path);
      case "provopts" -> options(node, path);
      default ->
          node instanceof Scalar scalar
              ? single(scalar, type, path)
              : wrong(node, path, "must be a " + word(type));
    };
  }

  private static String word(String type) {
    return switch (type) {
      case "bool" -> "boolean";
      case "int", "num", "count" -> "number";
      default -> "string";
    };
  }

  private @Nullable Node single(Scalar scalar, String type, String path) {
    Object value = scalar.value;
    String text = scalar.text();
    return switch (type) {
      case "str" -> value instanceof String ? scalar : wrong(scalar, path, "must be a string");
      case "text" -> new Scalar(text, scalar.position);
      case "bool" -> {
        Boolean truth = value instanceof Boolean bool ? bool : truth(scalar, path);
        yield truth == null
            ? wrong(scalar, path, "invalid boolean: " + text)
            : new Scalar(truth, scalar.position);
      }
      case "int" -> integer(scalar, path, "must be a integer: " + text);
      case "count" -> count(scalar, path);
      case "num" -> {
        Object number = value instanceof String ? GoText.plainScalar(text) : value;
        yield number instanceof Number
            ? new Scalar(number, scalar.position)
            : wrong(scalar, path, "must be a number: " + text);
      }
      case "bytes" -> bytes(scalar, path);
      case "wbytes" ->
          value instanceof Double number && number != Math.rint(number)
              ? wrong(scalar, path, "must be a integer: " + text)
              : bytes(scalar, path);
      case "size" ->
          value instanceof String ? bytes(scalar, path) : wrong(scalar, path, "must be a string");
      case "dur" -> {
        Duration duration = GoDuration.parseWithDays(text).orElse(null);
        yield duration == null
            ? wrong(scalar, path, "time: invalid duration \"" + text + "\" (write it like 1m30s)")
            : new Scalar(GoDuration.text(duration), scalar.position);
      }
      case "usec" -> micros(scalar, path);
      case "perm", "mode" -> fileMode(scalar, type, path);
      default -> throw new IllegalStateException(type);
    };
  }

  private @Nullable Node count(Scalar scalar, String path) {
    String text = scalar.text();
    return text.equals("all")
        ? new Scalar(-1L, scalar.position)
        : integer(
            scalar,
            path,
            "invalid value \"" + text + "\", the only value allowed is 'all' or a number");
  }

  private @Nullable Node integer(Scalar scalar, String path, String complaint) {
    Object number = scalar.value instanceof String ? GoText.integer(scalar.text()) : scalar.value;
    if (number instanceof Double fraction && fraction == Math.rint(fraction)) {
      number = fraction.longValue();
    }
    return number instanceof Long
        ? new Scalar(number, scalar.position)
        : wrong(scalar, path, complaint);
  }

  private @Nullable Node micros(Scalar scalar, String path) {
    String text = scalar.text();
    Object number = scalar.value instanceof String ? GoText.integer(text) : scalar.value;
    Duration duration = number == null ? GoDuration.parseWithDays(text).orElse(null) : null;
    Object micros = duration != null ? (Object) (duration.toNanos() / 1000) : number;
    return micros instanceof Long
        ? new Scalar(micros, scalar.position)
        : wrong(scalar, path, "must be a number of microseconds or a duration: " + text);
  }

  /** Permission bits: {@code perm} is a number, {@code mode} octal text. */
  private @Nullable Node fileMode(Scalar scalar, String type, String path) {
    Object number = scalar.value instanceof String ? octal(scalar.text()) : scalar.value;
    if (!(number instanceof Long bits)) {
      return wrong(scalar, path, "invalid file mode: " + scalar.text());
    }
    return new Scalar(type.equals("perm") ? bits : String.format("0%o", bits), scalar.position);
  }

  private static @Nullable Object octal(String text) {
    try {
      return Long.parseLong(text.startsWith("0o") ? text.substring(2) : text, 8);
    } catch (NumberFormatException e) {
      return null;
    }
  }

  private @Nullable Node bytes(Scalar scalar, String path) {
    if (scalar.value instanceof Long) {
      return scalar;
    }
    if (scalar.value instanceof Double number) {
      return new Scalar(number.longValue(), scalar.position);
    }
    try {
      String text = scalar.text();
      return new Scalar(text.equals("-1") ? -1L : ByteSize.parse(text), scalar.position);
    } catch (JcomposeException.InvalidArgument e) {
      return wrong(scalar, path, String.valueOf(e.getMessage()));
    }
  }

  private @Nullable Boolean truth(Scalar scalar, String path) {
    Boolean truth =
        switch (scalar.text().toLowerCase(Locale.ROOT)) {
          case "true", "y", "yes", "on" -> true;
          case "false", "n", "no", "off" -> false;
          default -> null;
        };
    if (truth != null && !scalar.text().equalsIgnoreCase(truth.toString())) {
      problems.warn(
          scalar.position,
          path,
          "\""
              + scalar.text()
              + "\" for boolean is not supported by YAML 1.2, please use `"
              + truth
              + "`");
    }
    return truth;
  }

  private @Nullable Node options(Node node, String path) {
    if (!(node instanceof MapNode map)) {
      return wrong(node, path, "must be a mapping");
    }
    map.entries.replaceAll(
        (key, value) -> {
          if (value.isNull()) {
            problems.error(value.position, path + "." + key, "must be a boolean, number or string");
          }
          if (!(value instanceof Scalar scalar)) {
            return value;
          }
          ListNode list = new ListNode(value.position);
          list.add(scalar.text());
          return list;
        });
    return map;
  }

  private @Nullable Node command(Node node, String path) {
    if (node.isNull()) {
      return node;
    }
    if (node instanceof ListNode) {
      return texts(node, path);
    }
    if (!(node instanceof Scalar scalar && scalar.value instanceof String)) {
      return wrong(node, path, "must be a string or a array");
    }
    List<String> words = ShellWords.split(scalar.text());
    if (words == null) {
      return wrong(node, path, "invalid command line string");
    }
    ListNode list = new ListNode(node.position);
    words.forEach(list::add);
    return list;
  }

  private @Nullable Node test(Node node, String path) {
    if (node.isNull() || !(node instanceof Scalar scalar)) {
      return node.isNull() ? node : texts(node, path);
    }
    ListNode list = new ListNode(node.position);
    list.add("CMD-SHELL");
    list.add(scalar.text());
    return list;
  }

  private @Nullable Node texts(Node node, String path) {
    ListNode result = new ListNode(node.position);
    switch (node) {
      case Scalar scalar -> result.items.add(new Scalar(scalar.text(), scalar.position));
      case ListNode list -> {
        for (int i = 0; i < list.items.size(); i++) {
          Node item = list.items.get(i);
          if (item.isUnknown()) {
            continue;
          }
          if (item instanceof Scalar scalar && scalar.value instanceof String) {
            result.items.add(item);
          } else {
            problems.error(item.position, path + ".[" + i + "]", "must be a string (quote it)");
          }
        }
      }
      case MapNode map ->
          map.entries.forEach(
              (key, value) ->
                  result.add(
                      value instanceof Scalar scalar && !value.isNull()
                          ? key + "=" + scalar.text()
                          : key));
    }
    return result;
  }

  private @Nullable Node wrong(Node node, String path, String message) {
    problems.error(node.position, path, message);
    return null;
  }
}
