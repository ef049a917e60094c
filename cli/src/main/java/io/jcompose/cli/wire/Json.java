package io.jcompose.cli.wire;

import java.util.List;
import java.util.Map;

/** Writes JSON without a library; Jackson would cost the command line 50 ms. */
public final class Json {
  private final StringBuilder text = new StringBuilder(4096);

  /** Appends a string, boolean, number, list, map or null. */
  public Json value(Object value) {
    if (value instanceof String string) {
      string(string);
    } else if (value instanceof Map<?, ?> map) {
      char separator = '{';
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        text.append(separator);
        string((String) entry.getKey());
        text.append(':');
        value(entry.getValue());
        separator = ',';
      }
      text.append(map.isEmpty() ? "{}" : "}");
    } else if (value instanceof List<?> list) {
      char separator = '[';
      for (Object item : list) {
        text.append(separator);
        value(item);
        separator = ',';
      }
      text.append(list.isEmpty() ? "[]" : "]");
    } else {
      text.append(value);
    }
    return this;
  }

  @Override
  public String toString() {
    return text.toString();
  }

  private void string(String value) {
    text.append('"');
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c == '"' || c == '\\') {
        text.append('\\').append(c);
      } else if (c < 0x20 || Character.isSurrogate(c)) {
        text.append("\\u");
        for (int shift = 12; shift >= 0; shift -= 4) {
          text.append(Character.forDigit(c >> shift & 15, 16));
        }
      } else {
        text.append(c);
      }
    }
    text.append('"');
  }
}
