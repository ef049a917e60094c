package io.jcompose.cli.flags;

import java.util.ArrayList;
import java.util.List;

/** Reads a line of comma separated fields, quoted where they have a comma themselves: RFC 4180. */
final class CommaFields {
  private CommaFields() {}

  static List<String> of(String line) {
    List<String> fields = new ArrayList<>();
    StringBuilder field = new StringBuilder();
    boolean quoted = false;
    for (int i = 0; i < line.length(); i++) {
      char c = line.charAt(i);
      if (c == '"' && quoted && i + 1 < line.length() && line.charAt(i + 1) == '"') {
        field.append('"');
        i++;
      } else if (c == '"' && (quoted || field.isEmpty())) {
        quoted = !quoted;
      } else if (c == ',' && !quoted) {
        fields.add(field.toString());
        field.setLength(0);
      } else {
        field.append(c);
      }
    }
    if (quoted) {
      throw new IllegalArgumentException(
          "parse error on line 1, column "
              + (line.length() + 1)
              + ": extraneous or missing \" in"
              + " quoted-field");
    }
    fields.add(field.toString());
    return fields;
  }
}
