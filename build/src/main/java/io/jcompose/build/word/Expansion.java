package io.jcompose.build.word;

import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** One reading of one text, from left to right; used once, by one thread. */
final class Expansion {
  private static final int MAX_CHARS = 1 << 20;
  private static final int MAX_DEPTH = 100;
  private static final int MAX_QUOTED = 200;
  private static final int END = -1;

  private final String source;
  private final char escape;
  private final Quotes quotes;
  private final Function<String, @Nullable String> lookup;
  private int at;
  private int depth;
  private int written;
  private boolean rawEscapes;

  Expansion(String source, char escape, Quotes quotes, Function<String, @Nullable String> lookup) {
    this.source = source;
    this.escape = escape;
    this.quotes = quotes;
    this.lookup = lookup;
    this.rawEscapes = quotes == Quotes.KEPT;
  }

  Expanded run() {
    try {
      WordList words = new WordList();
      String result = readUntil(END, words);
      return new Expanded(result, words.finish());
    } catch (WordException e) {
      String shown = source.length() > MAX_QUOTED ? source.substring(0, MAX_QUOTED) + "…" : source;
      throw new WordException("failed to process \"" + shown + "\": " + e.reason());
    }
  }

  /** Reads to the character {@code stop}, which is taken, or to the end. */
  private String readUntil(int stop, WordList words) {
    StringBuilder result = new StringBuilder();
    while (at < source.length()) {
      int c = peek();
      if (c == stop) {
        at++;
        return result.toString();
      }
      if (c == '$') {
        String value = dollar();
        result.append(value);
        words.addText(value);
      } else if ((c == '\'' || c == '"') && quotes != Quotes.PLAIN) {
        String value = c == '"' ? doubleQuoted() : singleQuoted();
        result.append(value);
        words.addQuoted(value);
      } else if (c == escape) {
        escaped(result, words);
      } else {
        at += Character.charCount(c);
        count(1);
        result.appendCodePoint(c);
        words.add(c);
      }
    }
    if (stop != END) {
      throw new WordException(
          stop == '/' ? "syntax error: missing '/' in ${}" : "syntax error: missing '}'");
    }
    return result.toString();
  }

  private void escaped(StringBuilder result, WordList words) {
    at++;
    if (rawEscapes) {
      words.addQuoted(String.valueOf(escape));
      result.append(escape);
    }
    int c = next();
    if (c != END) {
      count(2);
      words.addQuoted(Character.toString(c));
      result.appendCodePoint(c);
    }
  }

  private String singleQuoted() {
    int end = source.indexOf('\'', at + 1);
    if (end < 0) {
      throw unclosed("single-quote");
    }
    String text =
        quotes == Quotes.KEPT ? source.substring(at, end + 1) : source.substring(at + 1, end);
    at = end + 1;
    count(text.length());
    return text;
  }

  private String doubleQuoted() {
    StringBuilder result = new StringBuilder();
    at++;
    if (quotes == Quotes.KEPT) {
      result.append('"');
    }
    while (true) {
      int c = peek();
      if (c == END) {
        throw unclosed("double-quote");
      }
      if (c == '$') {
        result.append(dollar());
        continue;
      }
      at += Character.charCount(c);
      if (c == '"') {
        return quotes == Quotes.KEPT ? result.append('"').toString() : result.toString();
      }
      count(1);
      if (c == escape) {
        escapedInQuotes(result);
      } else {
        result.appendCodePoint(c);
      }
    }
  }

  /** Between double quotes, only what means something there can be escaped. */
  private void escapedInQuotes(StringBuilder result) {
    if (rawEscapes) {
      result.append(escape);
    }
    int c = peek();
    if (c == '"' || c == '$' || c == escape) {
      at++;
      result.append((char) c);
    } else if (c != END && !rawEscapes) {
      result.append(escape);
    }
  }

  private static WordException unclosed(String quote) {
    return new WordException("unexpected end of statement while looking for matching " + quote);
  }

  private String dollar() {
    int from = at++;
    if (peek() != '{') {
      String name = name();
      return name.isEmpty() ? counted("$") : counted(plain(from, lookup.apply(name)));
    }
    at++;
    int c = peek();
    if (c == END) {
      throw new WordException("syntax error: missing '}'");
    }
    if (c == '{' || c == '}' || c == ':') {
      throw new WordException("syntax error: bad substitution");
    }
    if (++depth > MAX_DEPTH) {
      throw new WordException("more than " + MAX_DEPTH + " substitutions in each other");
    }
    String value = counted(substitution(from, name()));
    depth--;
    return value;
  }

  private String substitution(int from, String name) {
    int operator = next();
    return switch (operator) {
      case '}' -> plain(from, lookup.apply(name));
      case ':' -> modified(from, name, next(), true);
      case '/' -> replaced(from, name);
      case END -> throw new WordException("syntax error: missing '}'");
      default -> modified(from, name, operator, false);
    };
  }

  private String modified(int from, String name, int operator, boolean emptyIsUnset) {
    String shown =
        (emptyIsUnset ? ":" : "") + (operator == END ? "" : Character.toString(operator));
    if (!emptyIsUnset && "+-?#%".indexOf(operator) < 0) {
      throw new WordException("unsupported modifier (" + shown + ") in substitution");
    }
    boolean pattern = operator == '#' || operator == '%';
    String word = operand('}', pattern);
    String value = lookup.apply(name);
    if (value == null && quotes == Quotes.KEPT) {
      return source.substring(from, at);
    }
    boolean set = value != null && !(emptyIsUnset && value.isEmpty());
    return switch (operator) {
      case '-' -> value != null && set ? value : word;
      case '+' -> set ? word : "";
      case '?' -> required(name, value, set, word);
      case '#', '%' -> trimmed(value == null ? "" : value, word, operator);
      default -> throw new WordException("unsupported modifier (" + shown + ") in substitution");
    };
  }

  private static String required(String name, @Nullable String value, boolean set, String message) {
    if (value == null || !set) {
      String why = value == null ? "is not allowed to be unset" : "is not allowed to be empty";
      throw new WordException(name + ": " + (message.isEmpty() ? why : message));
    }
    return value;
  }

  private static String trimmed(String value, String word, int operator) {
    boolean longest = word.startsWith(Character.toString(operator));
    ShellPattern pattern = ShellPattern.parse(longest ? word.substring(1) : word);
    return operator == '#'
        ? pattern.withoutPrefix(value, longest)
        : pattern.withoutSuffix(value, longest);
  }

  private String replaced(int from, String name) {
    boolean all = peek() == '/';
    if (all) {
      at++;
    }
    String pattern = operand('/', true);
    String replacement = operand('}', true);
    String value = lookup.apply(name);
    if (value == null && quotes == Quotes.KEPT) {
      return source.substring(from, at);
    }
    return ShellPattern.parse(pattern)
        .replace(value == null ? "" : value, replacement, all, MAX_CHARS);
  }

  private String operand(int stop, boolean withEscapes) {
    boolean before = rawEscapes;
    rawEscapes = withEscapes || quotes == Quotes.KEPT;
    String word = readUntil(stop, new WordList());
    rawEscapes = before;
    return word;
  }

  /** Digits, one special character, or letters, digits and underscores; may be empty. */
  private String name() {
    int from = at;
    int c = peek();
    if (c != END && "@*#?-$!".indexOf(c) >= 0) {
      at++;
    } else {
      boolean digits = Character.isDigit(c);
      while (c != END && (digits ? Character.isDigit(c) : isNamePart(c))) {
        at += Character.charCount(c);
        c = peek();
      }
    }
    return source.substring(from, at);
  }

  private static boolean isNamePart(int c) {
    return c == '_' || Character.isLetter(c) || Character.isDigit(c);
  }

  private String plain(int from, @Nullable String value) {
    return value != null ? value : quotes == Quotes.KEPT ? source.substring(from, at) : "";
  }

  private String counted(String value) {
    count(value.length());
    return value;
  }

  private void count(int chars) {
    written += chars;
    if (written > MAX_CHARS) {
      throw new WordException("its expansion has more than " + MAX_CHARS + " characters");
    }
  }

  private int peek() {
    return at < source.length() ? source.codePointAt(at) : END;
  }

  private int next() {
    int c = peek();
    at += c == END ? 0 : Character.charCount(c);
    return c;
  }

  /** What becomes of quotes; where they are kept, so are escapes and variables. */
  enum Quotes {
    REMOVED,
    KEPT,
    PLAIN
  }

  /** What became of the text, in one piece and in words. */
  record Expanded(String result, List<String> words) {}
}
