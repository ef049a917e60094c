package io.jcompose.build.mount;

import io.jcompose.build.word.WordException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Splits a {@code --mount} into its fields, as a line of a CSV file (RFC 4180). */
final class MountText {
  private MountText() {}

  /** The fields between commas; one in double quotes may have commas, and quotes by two of them. */
  static List<String> split(String raw) {
    List<String> fields = new ArrayList<>();
    int at = 0;
    while (true) {
      StringBuilder field = new StringBuilder();
      at =
          at < raw.length() && raw.charAt(at) == '"'
              ? quoted(raw, at, field)
              : plain(raw, at, field);
      fields.add(field.toString());
      if (at >= raw.length()) {
        return fields;
      }
      at++;
    }
  }

  private static int plain(String raw, int from, StringBuilder field) {
    int comma = raw.indexOf(',', from);
    int end = comma < 0 ? raw.length() : comma;
    field.append(raw, from, end);
    if (field.indexOf("\"") >= 0) {
      throw new WordException(
          "invalid mount '" + raw + "': a double quote must begin a field, as in \"source=a,b\"");
    }
    return end;
  }

  private static int quoted(String raw, int from, StringBuilder field) {
    for (int i = from + 1; i < raw.length(); i++) {
      if (raw.charAt(i) != '"') {
        field.append(raw.charAt(i));
      } else if (i + 1 == raw.length() || raw.charAt(i + 1) == ',') {
        return i + 1;
      } else if (raw.charAt(i + 1) == '"') {
        field.append('"');
        i++;
      } else {
        break;
      }
    }
    throw new WordException("invalid mount '" + raw + "': a double quote is not closed");
  }

  /** The value of {@code from}, which stages are ordered by, so that no variable can be in it. */
  static @Nullable String from(List<String> fields) {
    String from = null;
    for (String field : fields) {
      if (field.regionMatches(true, 0, "from=", 0, 5)) {
        from = field.substring(5);
        if (from.indexOf('$') >= 0 && from.indexOf('$') < from.length() - 1) {
          throw new WordException(
              "'from' doesn't support variable expansion, define alias stage instead");
        }
      }
    }
    return from == null || from.isEmpty() ? null : from;
  }
}
