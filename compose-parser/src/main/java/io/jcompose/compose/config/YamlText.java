package io.jcompose.compose.config;

import io.jcompose.compose.tree.GoText;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * YAML as go-yaml v3 writes it with an indent of two: its quoting, block texts and order of keys.
 */
public final class YamlText {
  private static final int LONGEST_SIMPLE_KEY = 128;

  private final StringBuilder out = new StringBuilder();

  private YamlText() {}

  public static String of(@Nullable Object value) {
    YamlText yaml = new YamlText();
    yaml.block(value, 0);
    return yaml.out.toString();
  }

  /** Writes the lines of a collection, each indented. */
  private void block(@Nullable Object value, int indent) {
    switch (value) {
      case Map<?, ?> map -> entries(map).forEach((key, item) -> entry(key, item, indent));
      case List<?> list -> {
        for (Object item : list) {
          out.repeat(' ', indent).append('-');
          item(item, indent);
        }
      }
      case null, default -> after(value, indent);
    }
  }

  private void entry(String key, @Nullable Object value, int indent) {
    out.repeat(' ', indent);
    if (key.getBytes(StandardCharsets.UTF_8).length > LONGEST_SIMPLE_KEY) {
      out.append("? ");
      text(key, indent, true);
      out.append('\n').repeat(' ', indent).append(':');
      item(value, indent);
    } else {
      text(key, indent, true);
      out.append(':');
      after(value, indent);
    }
  }

  private static Map<String, Object> entries(Map<?, ?> map) {
    Map<String, Object> entries = CanonicalTree.cast(map);
    if (!(map instanceof TreeMap)) {
      return entries;
    }
    Map<String, Object> sorted = new TreeMap<>(YamlText::compareNaturally);
    sorted.putAll(entries);
    return sorted;
  }

  private static boolean isFilled(@Nullable Object value) {
    return value instanceof Map<?, ?> map
        ? !map.isEmpty()
        : value instanceof List<?> list && !list.isEmpty();
  }

  private void after(@Nullable Object value, int indent) {
    if (isFilled(value)) {
      out.append('\n');
      block(value, indent + 2);
    } else {
      out.append(' ');
      scalar(value, indent);
      out.append('\n');
    }
  }

  private void item(@Nullable Object value, int indent) {
    if (isFilled(value)) {
      int start = out.length();
      block(value, indent + 2);
      // The first key or item stands behind the dash.
      out.replace(start, start + indent + 2, " ");
    } else {
      out.append(' ');
      scalar(value, indent);
      out.append('\n');
    }
  }

  private void scalar(@Nullable Object value, int indent) {
    switch (value) {
      case null -> out.append("null");
      case Map<?, ?> map -> out.append("{}");
      case List<?> list -> out.append("[]");
      case String text -> text(text, indent, false);
      case Double number -> out.append(number(number));
      default -> out.append(value);
    }
  }

  private static String number(double value) {
    if (Double.isInfinite(value)) {
      return value > 0 ? ".inf" : "-.inf";
    }
    return Double.isNaN(value) ? ".nan" : GoText.number(value);
  }

  private void text(String text, int indent, boolean key) {
    if (text.isEmpty() || isAmbiguous(text)) {
      doubleQuoted(text);
    } else if (text.indexOf('\n') >= 0 && !key && canBeBlock(text)) {
      literal(text, indent);
    } else if (hasSpecial(text)) {
      doubleQuoted(text);
    } else if (isPlain(text)) {
      out.append(text);
    } else {
      out.append('\'').append(text.replace("'", "''")).append('\'');
    }
  }

  /** Whether some YAML reader takes the plain text for another type. */
  private static boolean isAmbiguous(String text) {
    if (!(GoText.plainScalar(text) instanceof String)) {
      return true;
    }
    return switch (text) {
      case "y",
          "Y",
          "yes",
          "Yes",
          "YES",
          "on",
          "On",
          "ON",
          "n",
          "N",
          "no",
          "No",
          "NO",
          "off",
          "Off",
          "OFF",
          "<<" ->
          !text.equals("<<");
      default -> isSexagesimal(text) || isDate(text);
    };
  }

  private static boolean isSexagesimal(String text) {
    int colon = text.indexOf(':');
    char first = text.charAt(0);
    if (colon < 1 || (first != '-' && first != '+' && (first < '0' || first > '9'))) {
      return false;
    }
    String[] parts = text.split(":", -1);
    for (int i = 0; i < parts.length; i++) {
      String part = i == 0 && (first == '-' || first == '+') ? parts[i].substring(1) : parts[i];
      if (i == parts.length - 1 && part.indexOf('.') > 0) {
        part = part.substring(0, part.indexOf('.'));
      }
      boolean digits =
          !part.isEmpty() && part.chars().allMatch(c -> (c >= '0' && c <= '9') || c == '_');
      if (!digits
          || (i > 0 && (part.length() > 2 || (part.length() == 2 && part.charAt(0) > '5')))) {
        return false;
      }
    }
    return true;
  }

  /** {@code 2001-1-2}, also with a time behind. */
  private static boolean isDate(String text) {
    int i = digits(text, 0, 4);
    if (i != 4 || at(text, i) != '-') {
      return false;
    }
    int month = digits(text, 5, 2);
    if (month == 5 || at(text, month) != '-') {
      return false;
    }
    int day = digits(text, month + 1, 2);
    boolean ends = day == text.length() || "Tt ".indexOf(at(text, day)) >= 0;
    return day > month + 1 && ends && monthOf(text, month) <= 12;
  }

  private static int monthOf(String text, int end) {
    return Integer.parseInt(text, 5, end, 10);
  }

  private static char at(String text, int index) {
    return index < text.length() ? text.charAt(index) : 0;
  }

  private static int digits(String text, int from, int most) {
    int i = from;
    while (i < from + most && at(text, i) >= '0' && at(text, i) <= '9') {
      i++;
    }
    return i;
  }

  private static boolean canBeBlock(String text) {
    return !hasSpecial(text.replace("\n", "").replace("\t", ""))
        && !text.contains(" \n")
        && !text.endsWith(" ");
  }

  /** Characters that only a double-quoted text can hold. */
  private static boolean hasSpecial(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < ' '
          || c == 0x7f
          || (c >= 0x80 && c < 0xa0)
          || c == 0x2028
          || c == 0x2029
          || c == 0xFEFF
          || Character.isHighSurrogate(c)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isPlain(String text) {
    char first = text.charAt(0);
    char last = text.charAt(text.length() - 1);
    if (first == ' '
        || last == ' '
        || last == ':'
        || text.startsWith("---")
        || text.startsWith("...")) {
      return false;
    }
    if ("#,[]{}&*!|>'\"%@`".indexOf(first) >= 0) {
      return false;
    }
    boolean single = text.length() == 1 || text.charAt(1) == ' ';
    if ((first == '-' || first == '?' || first == ':') && single) {
      return false;
    }
    for (int i = 1; i < text.length(); i++) {
      char c = text.charAt(i);
      if ((c == ':' && i + 1 < text.length() && text.charAt(i + 1) == ' ')
          || (c == '#' && text.charAt(i - 1) == ' ')) {
        return false;
      }
    }
    return true;
  }

  private void literal(String text, int indent) {
    out.append('|');
    if (text.startsWith(" ") || text.startsWith("\n")) {
      out.append('2');
    }
    if (!text.endsWith("\n")) {
      out.append('-');
    } else if (text.length() == 1 || text.charAt(text.length() - 2) == '\n') {
      out.append('+');
    }
    String body = text.endsWith("\n") ? text.substring(0, text.length() - 1) : text;
    List<String> lines = new ArrayList<>(List.of(body.split("\n", -1)));
    for (String line : lines) {
      out.append('\n');
      if (!line.isEmpty()) {
        out.repeat(' ', indent + 2).append(line);
      }
    }
  }

  private void doubleQuoted(String text) {
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
        case 0 -> out.append("\\0");
        case 7 -> out.append("\\a");
        case 11 -> out.append("\\v");
        case 27 -> out.append("\\e");
        case 0x85 -> out.append("\\N");
        case 0x2028 -> out.append("\\L");
        case 0x2029 -> out.append("\\P");
        default -> {
          if (c < ' ' || (c >= 0x7f && c < 0xa0)) {
            out.append(String.format("\\x%02X", (int) c));
          } else if (Character.isHighSurrogate(c) && i + 1 < text.length()) {
            out.append(String.format("\\U%08X", Character.toCodePoint(c, text.charAt(++i))));
          } else if (c == 0xFEFF) {
            out.append("\\uFEFF");
          } else {
            out.append(c);
          }
        }
      }
    }
    out.append('"');
  }

  /** go-yaml's order of keys: digits by number, letters after everything else. */
  static int compareNaturally(String a, String b) {
    boolean digits = false;
    for (int i = 0; i < a.length() && i < b.length(); i++) {
      char x = a.charAt(i);
      char y = b.charAt(i);
      if (x == y) {
        digits = Character.isDigit(x);
        continue;
      }
      boolean letterX = Character.isLetter(x);
      boolean letterY = Character.isLetter(y);
      if (letterX && letterY) {
        return Character.compare(x, y);
      }
      if (letterX || letterY) {
        return digits ? letterX ? -1 : 1 : letterX ? 1 : -1;
      }
      return numbers(a, b, i, x, y);
    }
    return Integer.compare(a.length(), b.length());
  }

  private static int numbers(String a, String b, int at, char x, char y) {
    int endA = at;
    int endB = at;
    long numberA = 0;
    long numberB = 0;
    if (x == '0' || y == '0') {
      for (int j = at - 1; j >= 0 && Character.isDigit(a.charAt(j)); j--) {
        if (a.charAt(j) != '0') {
          numberA = 1;
          numberB = 1;
          break;
        }
      }
    }
    while (endA < a.length() && Character.isDigit(a.charAt(endA))) {
      numberA = numberA * 10 + a.charAt(endA++) - '0';
    }
    while (endB < b.length() && Character.isDigit(b.charAt(endB))) {
      numberB = numberB * 10 + b.charAt(endB++) - '0';
    }
    if (numberA != numberB) {
      return Long.compare(numberA, numberB);
    }
    return endA != endB ? Integer.compare(endA, endB) : Character.compare(x, y);
  }
}
