package io.jcompose.compose.source;

import io.jcompose.compose.tree.Template;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ObjIntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads env files: {@code KEY=value} with quotes, comments and substitution (compose-go's dotenv),
 * or raw as {@code docker run --env-file} does. Single use.
 */
public final class Dotenv {
  /** Why a file cannot be read; the line counts from 1. */
  public static final class Invalid extends Exception {
    private static final long serialVersionUID = 1L;
    private final int line;

    Invalid(int line, String message) {
      super(message, null, false, false);
      this.line = line;
    }

    public int line() {
      return line;
    }
  }

  private static final long MAX_CHARACTERS = 4 << 20;

  private final String text;
  private final Map<String, String> result;
  private final Function<String, @Nullable String> lookup;
  private final Template template;
  private int at;
  private long characters;
  private int line = 1;

  private Dotenv(
      String text,
      Map<String, String> result,
      Function<String, @Nullable String> lookup,
      ObjIntConsumer<String> unset) {
    this.text = text;
    this.result = result;
    this.lookup = lookup;
    template =
        new Template(
            name -> {
              String outer = lookup.apply(name);
              return outer != null ? outer : result.get(name);
            },
            name -> unset.accept(name, line));
  }

  /**
   * Adds the file's variables to {@code result}; values see {@code lookup} and what is there.
   *
   * @param unset told each variable without a value, and the line that uses it
   */
  public static void parse(
      String text,
      Map<String, String> result,
      Function<String, @Nullable String> lookup,
      ObjIntConsumer<String> unset)
      throws Invalid {
    String body = text.startsWith("\uFEFF") ? text.substring(1) : text;
    new Dotenv(body.replace("\r\n", "\n"), result, lookup, unset).statements();
  }

  /** The file's variables alone, without any outer ones. */
  public static Map<String, String> parse(String text) throws Invalid {
    Map<String, String> result = new LinkedHashMap<>();
    parse(text, result, name -> null, (name, line) -> {});
    return result;
  }

  /** The raw format: no quotes, no substitution, comments only at the start of a line. */
  public static void parseRaw(
      String text, Map<String, String> result, Function<String, @Nullable String> lookup)
      throws Invalid {
    int number = 0;
    for (String line : text.split("\r?\n", -1)) {
      number++;
      String trimmed = line.stripLeading();
      if (trimmed.isEmpty() || trimmed.startsWith("#")) {
        continue;
      }
      int equals = trimmed.indexOf('=');
      String key = equals < 0 ? trimmed.strip() : trimmed.substring(0, equals);
      if (key.isEmpty()) {
        throw new Invalid(number, "no variable name on line '" + line + "'");
      }
      if (key.chars().anyMatch(Character::isWhitespace)) {
        throw new Invalid(number, "variable '" + key + "' contains whitespaces");
      }
      String value = equals < 0 ? lookup.apply(key) : trimmed.substring(equals + 1);
      if (value != null) {
        result.put(key, value);
      }
    }
  }

  private void statements() throws Invalid {
    while (skipToStatement()) {
      String key = key();
      if (key != null) {
        String value = value();
        characters += value.length();
        if (characters > MAX_CHARACTERS) {
          throw new Invalid(line, "the variables add up to more than 4 MiB");
        }
        result.put(key, value);
      }
    }
  }

  /** Skips blank space and comments; false at the end. */
  private boolean skipToStatement() {
    while (at < text.length()) {
      char c = text.charAt(at);
      if (c == '#') {
        toLineEnd();
      } else if (Character.isWhitespace(c)) {
        line += c == '\n' ? 1 : 0;
        at++;
      } else {
        return true;
      }
    }
    return false;
  }

  private void toLineEnd() {
    int end = text.indexOf('\n', at);
    at = end < 0 ? text.length() : end;
  }

  /** The key before a separator; null when it stands alone, which inherits the outer value. */
  private @Nullable String key() throws Invalid {
    if (text.startsWith("export", at) && at + 6 < text.length() && isBlank(text.charAt(at + 6))) {
      at += 6;
      skipBlanks();
    }
    int start = at;
    while (at < text.length()) {
      char c = text.charAt(at);
      if (c == '=' || c == ':') {
        String key = keyFrom(start);
        at++;
        if (key.isEmpty()) {
          throw new Invalid(line, "the variable has no name");
        }
        return key;
      }
      if (c == '\n') {
        break;
      }
      if (!isKeyPart(c) && !isBlank(c)) {
        String rest = text.substring(start, lineEnd());
        throw new Invalid(
            line, "unexpected character \"" + c + "\" in variable name \"" + rest + "\"");
      }
      at++;
    }
    String key = keyFrom(start);
    String inherited = lookup.apply(key);
    if (inherited != null) {
      result.put(key, inherited);
    }
    return null;
  }

  private String keyFrom(int start) throws Invalid {
    String key = text.substring(start, at).strip();
    if (key.chars().anyMatch(Character::isWhitespace)) {
      throw new Invalid(line, "key cannot contain a space");
    }
    return key;
  }

  private int lineEnd() {
    int end = text.indexOf('\n', at);
    return end < 0 ? text.length() : end;
  }

  private void skipBlanks() {
    while (at < text.length() && isBlank(text.charAt(at))) {
      at++;
    }
  }

  private static boolean isBlank(char c) {
    return c == ' ' || c == '\t' || c == '\r';
  }

  private static boolean isKeyPart(char c) {
    return Character.isLetterOrDigit(c) || c == '_' || c == '.' || c == '-' || c == '[' || c == ']';
  }

  private String value() throws Invalid {
    skipBlanks();
    char quote = at < text.length() ? text.charAt(at) : '\n';
    if (quote == '"' || quote == '\'') {
      return quoted(quote);
    }
    int end = lineEnd();
    String value = text.substring(at, end);
    at = end;
    for (int i = 0; i < value.length(); i++) {
      if (value.charAt(i) == '#' && i > 0 && value.charAt(i - 1) == ' ') {
        value = value.substring(0, i);
        break;
      }
    }
    return substitute(value.strip());
  }

  private String quoted(char quote) throws Invalid {
    int first = line;
    int start = ++at;
    while (at < text.length()) {
      char c = text.charAt(at);
      if (c == '\\' && at + 1 < text.length()) {
        line += text.charAt(at + 1) == '\n' ? 1 : 0;
        at += 2;
        continue;
      }
      if (c == quote) {
        String body = text.substring(start, at++);
        return quote == '\'' ? body.replace("\\'", "'") : substitute(unescape(body));
      }
      line += c == '\n' ? 1 : 0;
      at++;
    }
    throw new Invalid(
        first,
        "unterminated quoted value "
            + quote
            + text.substring(start, Math.min(text.length(), start + 40))
                .lines()
                .findFirst()
                .orElse(""));
  }

  private String substitute(String value) throws Invalid {
    try {
      return template.substitute(value);
    } catch (Template.Invalid e) {
      throw new Invalid(line, String.valueOf(e.getMessage()));
    }
  }

  private String unescape(String body) throws Invalid {
    if (body.indexOf('\\') < 0) {
      return body;
    }
    StringBuilder out = new StringBuilder(body.length());
    for (int i = 0; i < body.length(); i++) {
      char c = body.charAt(i);
      if (c != '\\' || i + 1 == body.length()) {
        out.append(c);
        continue;
      }
      char next = body.charAt(++i);
      int known = "abcfnrtv\\\"".indexOf(next);
      if (known >= 0) {
        out.append("\u0007\bc\f\n\r\t\u000b\\\"".charAt(known));
        if (next == 'c') {
          out.insert(out.length() - 1, '\\');
        }
      } else if (next == '$') {
        out.append("$$");
      } else if (next == '0' && i + 3 < body.length() && isOctal(body, i + 1)) {
        int code = Integer.parseInt(body, i + 1, i + 4, 8);
        if (code == 0) {
          throw new Invalid(line, "a value has a NUL character");
        }
        out.append((char) code);
        i += 3;
      } else {
        out.append('\\').append(next);
      }
    }
    return out.toString();
  }

  private static boolean isOctal(String text, int from) {
    for (int i = from; i < from + 3; i++) {
      if (text.charAt(i) < '0' || text.charAt(i) > '7') {
        return false;
      }
    }
    return true;
  }
}
