package io.jcompose.cli.wire;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads and writes JSON that others write too: nothing of it is lost, and the order stays. Without
 * a library, which would cost the command line 50 ms. Confined to one thread.
 */
public final class JsonTree {
  private static final int DEPTH = 64;

  private final String text;
  private int at;
  private int depth;

  private JsonTree(String text) {
    this.text = text;
  }

  /** A number, true, false or null, as it was written. */
  public record Word(String text) {}

  /**
   * Parses an object: members are String, {@link Word}, List or Map.
   *
   * @throws IllegalArgumentException when the text is none, saying where
   */
  public static Map<String, Object> parse(String text) {
    JsonTree reader = new JsonTree(text);
    if (reader.peek() != '{') {
      throw reader.wrong("an object is expected");
    }
    Map<String, Object> root = reader.object();
    reader.space();
    if (reader.at < text.length()) {
      throw reader.wrong("nothing more is expected");
    }
    return root;
  }

  /** The members of an object in an object; empty for anything else. */
  public static Map<String, Object> object(Map<String, Object> parent, String name) {
    Map<String, Object> members = new LinkedHashMap<>();
    if (parent.get(name) instanceof Map<?, ?> map) {
      map.forEach((key, value) -> members.put(String.valueOf(key), value));
    }
    return members;
  }

  /** A text in an object; empty for anything else. */
  public static String text(Map<String, Object> parent, String name) {
    return parent.get(name) instanceof String string ? string : "";
  }

  /** The tree with a line a member, indented by tabs as Docker does. */
  public static String write(Map<String, Object> root) {
    StringBuilder out = new StringBuilder();
    write(root, "\n", out);
    return out.toString();
  }

  private static void write(Object value, String line, StringBuilder out) {
    String inner = line + "\t";
    switch (value) {
      case Map<?, ?> map -> {
        String separator = "{";
        for (Map.Entry<?, ?> entry : map.entrySet()) {
          out.append(separator).append(inner);
          quote(String.valueOf(entry.getKey()), out);
          out.append(": ");
          write(entry.getValue(), inner, out);
          separator = ",";
        }
        out.append(map.isEmpty() ? "{}" : line + "}");
      }
      case List<?> list -> {
        String separator = "[";
        for (Object item : list) {
          out.append(separator).append(inner);
          write(item, inner, out);
          separator = ",";
        }
        out.append(list.isEmpty() ? "[]" : line + "]");
      }
      case Word word -> out.append(word.text);
      default -> quote(value.toString(), out);
    }
  }

  /** Writes a text with its quotes. */
  public static void quote(String value, StringBuilder out) {
    out.append('"');
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (c == '"' || c == '\\') {
        out.append('\\').append(c);
      } else if (c < 0x20 || Character.isSurrogate(c)) {
        out.append("\\u%04x".formatted((int) c));
      } else {
        out.append(c);
      }
    }
    out.append('"');
  }

  private Object value() {
    return switch (peek()) {
      case '{' -> object();
      case '[' -> list();
      case '"' -> string();
      default -> word();
    };
  }

  private Map<String, Object> object() {
    enter();
    Map<String, Object> members = new LinkedHashMap<>();
    if (peek() != '}') {
      do {
        if (peek() != '"') {
          throw wrong("a name is expected");
        }
        String name = string();
        if (peek() != ':') {
          throw wrong("a colon is expected");
        }
        at++;
        members.put(name, value());
      } while (goesOn('}'));
    }
    leave();
    return members;
  }

  private List<Object> list() {
    enter();
    List<Object> items = new ArrayList<>();
    if (peek() != ']') {
      do {
        items.add(value());
      } while (goesOn(']'));
    }
    leave();
    return items;
  }

  private void enter() {
    at++;
    if (++depth > DEPTH) {
      throw wrong("it is nested too deeply");
    }
  }

  private void leave() {
    at++;
    depth--;
  }

  private boolean goesOn(char end) {
    char next = peek();
    if (next != ',' && next != end) {
      throw wrong("a comma or " + end + " is expected");
    }
    at += next == ',' ? 1 : 0;
    return next == ',';
  }

  private Word word() {
    int start = at;
    while (at < text.length() && isOfWord(text.charAt(at))) {
      at++;
    }
    String word = text.substring(start, at);
    if (!word.matches("true|false|null|-?\\d+(\\.\\d+)?([eE][+-]?\\d+)?")) {
      at = start;
      throw wrong("a value is expected");
    }
    return new Word(word);
  }

  private static boolean isOfWord(char c) {
    return Character.isLetterOrDigit(c) || "+-.".indexOf(c) >= 0;
  }

  private String string() {
    StringBuilder value = new StringBuilder();
    for (at++; at < text.length(); at++) {
      char c = text.charAt(at);
      if (c == '"') {
        at++;
        return value.toString();
      }
      value.append(c == '\\' ? escaped() : c);
    }
    throw wrong("a text has no end");
  }

  private char escaped() {
    at++;
    char c = at < text.length() ? text.charAt(at) : '?';
    int plain = "\"\\/bfnrt".indexOf(c);
    if (plain >= 0) {
      return "\"\\/\b\f\n\r\t".charAt(plain);
    }
    if (c != 'u' || at + 5 > text.length()) {
      throw wrong("an invalid escape");
    }
    String digits = text.substring(at + 1, at + 5);
    if (!digits.matches("[0-9a-fA-F]{4}")) {
      throw wrong("an invalid escape");
    }
    at += 4;
    return (char) Integer.parseInt(digits, 16);
  }

  private void space() {
    while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
      at++;
    }
  }

  private char peek() {
    space();
    if (at >= text.length()) {
      throw wrong("it ends early");
    }
    return text.charAt(at);
  }

  private IllegalArgumentException wrong(String why) {
    long line =
        text.substring(0, Math.min(at, text.length())).chars().filter(c -> c == '\n').count();
    return new IllegalArgumentException("line " + (line + 1) + ": " + why);
  }
}
