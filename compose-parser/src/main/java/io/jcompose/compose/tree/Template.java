package io.jcompose.compose.tree;

import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Variable substitution in texts, by the rules of the Compose Specification's interpolation page:
 * {@code $V}, {@code ${V}}, and {@code :- - :+ + :? ?} with nested, lazily evaluated texts.
 */
public final class Template {
  private static final int MAX_DEPTH = 100;
  private static final int MAX_RESULT = 4 << 20;

  /** Why a text cannot be substituted. */
  public static final class Invalid extends Exception {
    private static final long serialVersionUID = 1L;

    Invalid(String message) {
      super(message, null, false, false);
    }
  }

  private final Function<String, @Nullable String> lookup;
  private final Consumer<String> unset;

  /**
   * @param unset told each variable that has no value and no default
   */
  public Template(Function<String, @Nullable String> lookup, Consumer<String> unset) {
    this.lookup = lookup;
    this.unset = unset;
  }

  public Template(Map<String, String> environment, Consumer<String> unset) {
    this(environment::get, unset);
  }

  public String substitute(String text) throws Invalid {
    return text.indexOf('$') < 0 ? text : substitute(text, 0);
  }

  private String substitute(String text, int depth) throws Invalid {
    if (depth > MAX_DEPTH) {
      throw new Invalid("interpolation is nested deeper than " + MAX_DEPTH + " levels");
    }
    StringBuilder out = new StringBuilder(text.length() + 16);
    int i = 0;
    while (i < text.length()) {
      char c = text.charAt(i);
      char next = i + 1 < text.length() ? text.charAt(i + 1) : ' ';
      if (c != '$') {
        out.append(c);
        i++;
      } else if (next == '$') {
        out.append('$');
        i += 2;
      } else if (next == '{') {
        int end = closing(text, i + 2);
        if (end < 0) {
          throw invalid(text);
        }
        braced(text, text.substring(i + 2, end), out, depth);
        i = end + 1;
      } else if (startsName(next)) {
        int end = nameEnd(text, i + 1);
        out.append(plain(text.substring(i + 1, end)));
        i = end;
      } else {
        out.append(c);
        i++;
      }
      if (out.length() > MAX_RESULT) {
        throw new Invalid("interpolation makes more than 4 MiB");
      }
    }
    return out.toString();
  }

  private void braced(String whole, String body, StringBuilder out, int depth) throws Invalid {
    int end = body.isEmpty() || !startsName(body.charAt(0)) ? 0 : nameEnd(body, 0);
    if (end == 0) {
      throw invalid(whole);
    }
    String name = body.substring(0, end);
    if (end == body.length()) {
      out.append(plain(name));
      return;
    }
    boolean colon = body.charAt(end) == ':';
    int at = colon ? end + 1 : end;
    char operator = at < body.length() ? body.charAt(at) : ' ';
    String value = lookup.apply(name);
    boolean present = value != null && !(colon && value.isEmpty());
    String word = at < body.length() ? body.substring(at + 1) : "";
    switch (operator) {
      case '-' -> out.append(present ? value : substitute(word, depth + 1));
      case '+' -> out.append(present ? substitute(word, depth + 1) : value == null ? "" : value);
      case '?' -> {
        if (!present) {
          String reason = substitute(word, depth + 1);
          throw new Invalid(
              "required variable "
                  + name
                  + " is missing a value"
                  + (reason.isEmpty() ? "" : ": " + reason));
        }
        out.append(value);
      }
      default -> throw invalid(whole);
    }
  }

  private String plain(String name) {
    String value = lookup.apply(name);
    if (value == null) {
      unset.accept(name);
      return "";
    }
    return value;
  }

  /** The brace that closes the one before {@code from}, or -1. */
  static int closing(String text, int from) {
    int depth = 1;
    for (int i = from; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '{') {
        depth++;
      } else if (c == '}' && --depth == 0) {
        return i;
      }
    }
    return -1;
  }

  private static Invalid invalid(String text) {
    return new Invalid(
        "invalid interpolation format. You may need to escape any $ with another $: " + text);
  }

  public static boolean startsName(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  }

  static int nameEnd(String text, int from) {
    int i = from;
    while (i < text.length()
        && (startsName(text.charAt(i)) || (text.charAt(i) >= '0' && text.charAt(i) <= '9'))) {
      i++;
    }
    return i;
  }
}
