package io.jcompose.compose.tree;

import io.jcompose.compose.tree.Node.ListNode;
import io.jcompose.compose.tree.Node.MapNode;
import io.jcompose.compose.tree.Node.Scalar;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** JSON as Go's encoding/json writes it, compact or indented by two, with {@code <>&} escaped. */
public final class JsonText {
  private final StringBuilder out = new StringBuilder();
  private final boolean indented;

  private JsonText(boolean indented) {
    this.indented = indented;
  }

  /** Compact, keys in the order of the map. */
  public static String compact(@Nullable Object value) {
    JsonText json = new JsonText(false);
    json.write(value, 0);
    return json.out.toString();
  }

  /** Indented, keys in the order of the map. */
  public static String indented(@Nullable Object value) {
    JsonText json = new JsonText(true);
    json.write(value, 0);
    return json.out.toString();
  }

  /** A tree with sorted keys, for comparing. */
  public static String of(Node node) {
    return compact(plain(node));
  }

  public static @Nullable Object plain(Node node) {
    return switch (node) {
      case Scalar scalar -> scalar.value;
      case ListNode list -> {
        ArrayList<@Nullable Object> items = new ArrayList<>();
        list.items.forEach(item -> items.add(plain(item)));
        yield items;
      }
      case MapNode map -> {
        Map<String, @Nullable Object> entries = new TreeMap<>();
        map.entries.forEach((key, value) -> entries.put(key, plain(value)));
        yield entries;
      }
    };
  }

  private void write(@Nullable Object value, int depth) {
    switch (value) {
      case null -> out.append("null");
      case String text -> string(text);
      case Double number -> out.append(GoText.jsonNumber(number));
      case Map<?, ?> map -> {
        String separator = "{";
        for (Map.Entry<?, ?> entry : map.entrySet()) {
          out.append(separator);
          line(depth + 1);
          string(String.valueOf(entry.getKey()));
          out.append(indented ? ": " : ":");
          write(entry.getValue(), depth + 1);
          separator = ",";
        }
        close(map.isEmpty(), "{", "}", depth);
      }
      case List<?> list -> {
        String separator = "[";
        for (Object item : list) {
          out.append(separator);
          line(depth + 1);
          write(item, depth + 1);
          separator = ",";
        }
        close(list.isEmpty(), "[", "]", depth);
      }
      default -> out.append(value);
    }
  }

  private void close(boolean empty, String open, String close, int depth) {
    if (empty) {
      out.append(open);
    } else {
      line(depth);
    }
    out.append(close);
  }

  private void line(int depth) {
    if (indented) {
      out.append('\n').repeat("  ", depth);
    }
  }

  private void string(String text) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"', '\\' -> out.append('\\').append(c);
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        case '\b' -> out.append("\\b");
        case '\f' -> out.append("\\f");
        default -> {
          if (c < ' ' || c == '<' || c == '>' || c == '&' || c == '\u2028' || c == '\u2029') {
            out.append("\\u")
                .append(Character.forDigit(c >> 12 & 15, 16))
                .append(Character.forDigit(c >> 8 & 15, 16))
                .append(Character.forDigit(c >> 4 & 15, 16))
                .append(Character.forDigit(c & 15, 16));
          } else {
            out.append(c);
          }
        }
      }
    }
    out.append('"');
  }
}
