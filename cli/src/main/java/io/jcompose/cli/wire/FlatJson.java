package io.jcompose.cli.wire;

import java.util.HashMap;
import java.util.Map;

/**
 * Reads one JSON object of plain values, as the engine's progress lines are: strings, numbers,
 * booleans and null, all given as text. Nested values are refused.
 */
public final class FlatJson {
  private final String text;
  private int at;

  private FlatJson(String text) {
    this.text = text;
  }

  /**
   * The members by name.
   *
   * @throws IllegalArgumentException when the text is not such an object
   */
  public static Map<String, String> parse(String text) {
    FlatJson reader = new FlatJson(text);
    Map<String, String> members = new HashMap<>();
    reader.expect('{');
    if (reader.peek() == '}') {
      return members;
    }
    do {
      String name = reader.string();
      reader.expect(':');
      members.put(name, reader.peek() == '"' ? reader.string() : reader.word());
    } while (reader.next() == ',');
    return members;
  }

  private char peek() {
    while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
      at++;
    }
    if (at == text.length()) {
      throw new IllegalArgumentException("JSON ends early: " + text);
    }
    return text.charAt(at);
  }

  private char next() {
    char c = peek();
    at++;
    if (c != ',' && c != '}') {
      throw new IllegalArgumentException("unexpected " + c + " in JSON: " + text);
    }
    return c;
  }

  private void expect(char wanted) {
    if (peek() != wanted) {
      throw new IllegalArgumentException("no " + wanted + " at " + at + " in JSON: " + text);
    }
    at++;
  }

  private String word() {
    int start = at;
    while (at < text.length() && ",}{[".indexOf(text.charAt(at)) < 0) {
      at++;
    }
    if (at == text.length() || text.charAt(at) == '{' || text.charAt(at) == '[') {
      throw new IllegalArgumentException("not a flat JSON object: " + text);
    }
    return text.substring(start, at).strip();
  }

  private String string() {
    expect('"');
    StringBuilder value = new StringBuilder();
    while (at < text.length()) {
      char c = text.charAt(at++);
      if (c == '"') {
        return value.toString();
      }
      value.append(c == '\\' ? escaped() : c);
    }
    throw new IllegalArgumentException("JSON string without an end: " + text);
  }

  private char escaped() {
    char c = text.charAt(at++);
    switch (c) {
      case 'n':
        return '\n';
      case 't':
        return '\t';
      case 'r':
        return '\r';
      case 'b':
        return '\b';
      case 'f':
        return '\f';
      case 'u':
        at += 4;
        return (char) Integer.parseInt(text.substring(at - 4, at), 16);
      default:
        return c;
    }
  }
}
