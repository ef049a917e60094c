package io.jcompose.build.dockerfile;

import io.jcompose.build.word.Spaces;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads a JSON array of strings, as strictly as RFC 8259, for the exec form of instructions. A text
 * that is no JSON is no error there, so it is no exception here.
 */
final class JsonStrings {
  private static final int MAX_DEPTH = 100;
  private static final String NUMBER = "-?(?:0|[1-9][0-9]*)(?:\\.[0-9]+)?(?:[eE][+-]?[0-9]+)?";

  private final String text;
  private int at;
  private boolean broken;
  private boolean othersThanStrings;

  private JsonStrings(String text) {
    this.text = text;
  }

  static boolean isArray(String text) {
    JsonStrings json = new JsonStrings(text);
    return json.array() != null && !json.othersThanStrings;
  }

  /**
   * The strings, or null when the text is no JSON array.
   *
   * @param offset of the text in its statement
   * @throws Invalid when it is one of other things
   */
  static @Nullable List<String> parse(String text, int offset) {
    JsonStrings json = new JsonStrings(text);
    List<String> strings = json.array();
    if (strings != null && json.othersThanStrings) {
      throw new Invalid(
          offset, "when using JSON array syntax, arrays must be comprised of strings only");
    }
    return strings;
  }

  private @Nullable List<String> array() {
    at = Spaces.skip(text, 0, text.length());
    if (!take('[')) {
      return null;
    }
    List<String> strings = new ArrayList<>();
    blank();
    if (!take(']')) {
      do {
        blank();
        if (peek() == '"') {
          strings.add(string());
        } else {
          othersThanStrings = true;
          value(1);
        }
        blank();
      } while (!broken && take(','));
      broken |= !take(']');
    }
    blank();
    return broken || at < text.length() ? null : strings;
  }

  private void value(int depth) {
    switch (peek()) {
      case '"' -> string();
      case '[' -> container(']', depth);
      case '{' -> container('}', depth);
      case 't' -> word("true");
      case 'f' -> word("false");
      case 'n' -> word("null");
      default -> number();
    }
  }

  private void container(char close, int depth) {
    at++;
    broken |= depth > MAX_DEPTH;
    blank();
    if (broken || take(close)) {
      return;
    }
    do {
      blank();
      if (close == '}') {
        broken |= peek() != '"';
        string();
        blank();
        broken |= !take(':');
        blank();
      }
      if (!broken) {
        value(depth + 1);
      }
      blank();
    } while (!broken && take(','));
    broken |= !take(close);
  }

  private void word(String word) {
    broken |= !text.startsWith(word, at);
    at += word.length();
  }

  private void number() {
    int from = at;
    while (at < text.length() && "+-.0123456789eE".indexOf(text.charAt(at)) >= 0) {
      at++;
    }
    broken |= at - from > MAX_DEPTH || !text.substring(from, at).matches(NUMBER);
  }

  private String string() {
    StringBuilder string = new StringBuilder();
    at++;
    while (!broken && at < text.length()) {
      char c = text.charAt(at++);
      if (c == '"') {
        return string.toString();
      }
      if (c == '\\') {
        escaped(string);
      } else {
        broken = c < ' ';
        string.append(c);
      }
    }
    broken = true;
    return "";
  }

  private void escaped(StringBuilder string) {
    int c = peek();
    at++;
    switch (c) {
      case '"', '\\', '/' -> string.append((char) c);
      case 'b' -> string.append('\b');
      case 'f' -> string.append('\f');
      case 'n' -> string.append('\n');
      case 'r' -> string.append('\r');
      case 't' -> string.append('\t');
      case 'u' -> unicode(string);
      default -> broken = true;
    }
  }

  private void unicode(StringBuilder string) {
    if (at + 4 > text.length() || !text.substring(at, at + 4).matches("[0-9a-fA-F]{4}")) {
      broken = true;
      return;
    }
    string.append((char) Integer.parseInt(text.substring(at, at + 4), 16));
    at += 4;
  }

  private void blank() {
    while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
      at++;
    }
  }

  private int peek() {
    return at < text.length() ? text.charAt(at) : -1;
  }

  private boolean take(char c) {
    boolean taken = peek() == c;
    at += taken ? 1 : 0;
    return taken;
  }
}
