package io.jcompose.api.template;

import java.util.ArrayList;
import java.util.List;

/** Takes a template apart into texts and the words of its actions. Confined to one thread. */
final class Scanner {
  private static final String OPEN = "{{";
  private static final String CLOSE = "}}";

  /** What a token is. */
  enum Kind {
    TEXT,
    BEGIN,
    END,
    WORD,
    STRING,
    SPACE,
    MARK
  }

  /**
   * @param text a string's is without its quotes
   */
  record Token(Kind kind, String text, int column) {
    boolean is(String mark) {
      return kind == Kind.MARK && text.equals(mark);
    }
  }

  private final String source;
  private final List<Token> tokens = new ArrayList<>();
  private int at;

  private Scanner(String source) {
    this.source = source;
  }

  static List<Token> scan(String source) {
    Scanner scanner = new Scanner(source);
    scanner.all();
    return scanner.tokens;
  }

  private void all() {
    boolean trims = false;
    while (at < source.length()) {
      int open = source.indexOf(OPEN, at);
      String text = source.substring(at, open < 0 ? source.length() : open);
      boolean trimsBefore = open >= 0 && isTrim(open + 2);
      text = trims ? text.stripLeading() : text;
      text = trimsBefore ? text.stripTrailing() : text;
      if (!text.isEmpty()) {
        tokens.add(new Token(Kind.TEXT, text, at + 1));
      }
      if (open < 0) {
        return;
      }
      at = open + (trimsBefore ? 3 : 2);
      trims = action(open + 1);
    }
  }

  private boolean isTrim(int from) {
    return source.startsWith("-", from)
        && from + 1 < source.length()
        && Character.isWhitespace(source.charAt(from + 1));
  }

  /** True when the text after it is trimmed. */
  private boolean action(int column) {
    if (source.startsWith("/*", skipped())) {
      return comment(column);
    }
    tokens.add(new Token(Kind.BEGIN, OPEN, column));
    while (at < source.length()) {
      if (source.startsWith(CLOSE, at)) {
        return end(CLOSE, false);
      }
      if (Character.isWhitespace(source.charAt(at)) && source.startsWith("-}}", skipped())) {
        at = skipped();
        return end("-}}", true);
      }
      token();
    }
    throw TemplateError.parsing(column, "unclosed action");
  }

  private boolean end(String words, boolean trims) {
    tokens.add(new Token(Kind.END, words, at + 1));
    at += words.length();
    return trims;
  }

  private boolean comment(int column) {
    int close = source.indexOf("*/", at);
    if (close < 0) {
      throw TemplateError.parsing(column, "unclosed comment");
    }
    at = close + 2;
    boolean trims = source.startsWith("-}}", skipped());
    if (trims || source.startsWith(CLOSE, skipped())) {
      at = skipped() + (trims ? 3 : 2);
      return trims;
    }
    throw TemplateError.parsing(column, "comment ends before closing delimiter");
  }

  private int skipped() {
    int next = at;
    while (next < source.length() && Character.isWhitespace(source.charAt(next))) {
      next++;
    }
    return next;
  }

  private void token() {
    char c = source.charAt(at);
    int start = at;
    if (Character.isWhitespace(c)) {
      at = skipped();
      tokens.add(new Token(Kind.SPACE, " ", start + 1));
    } else if (c == '"' || c == '`') {
      string(c);
    } else if (isWordPart(c) || ((c == '-' || c == '+') && isDigit(at + 1))) {
      at++;
      while (at < source.length() && isWordPart(source.charAt(at))) {
        at++;
      }
      tokens.add(new Token(Kind.WORD, source.substring(start, at), start + 1));
    } else {
      at += source.startsWith(":=", at) ? 2 : 1;
      String mark = source.substring(start, at);
      if (!List.of("(", ")", "|", ",", ":=", "=").contains(mark)) {
        throw TemplateError.parsing(start + 1, "unexpected \"" + mark + "\" in operand");
      }
      tokens.add(new Token(Kind.MARK, mark, start + 1));
    }
  }

  private boolean isDigit(int index) {
    return index < source.length() && Character.isDigit(source.charAt(index));
  }

  private static boolean isWordPart(char c) {
    return Character.isLetterOrDigit(c) || c == '_' || c == '.' || c == '$';
  }

  private void string(char quote) {
    int start = at++;
    StringBuilder text = new StringBuilder();
    while (at < source.length() && source.charAt(at) != quote) {
      char c = source.charAt(at++);
      if (quote == '"' && c == '\\' && at < source.length()) {
        text.append(escaped(source.charAt(at++), start + 1));
      } else {
        text.append(c);
      }
    }
    if (at >= source.length()) {
      throw TemplateError.parsing(start + 1, "unterminated quoted string");
    }
    at++;
    tokens.add(new Token(Kind.STRING, text.toString(), start + 1));
  }

  private static char escaped(char c, int column) {
    int named = "ntr\\\"'ab".indexOf(c);
    if (named < 0) {
      throw TemplateError.parsing(column, "invalid escape \\" + c + " in a string");
    }
    return "\n\t\r\\\"'\u0007\b".charAt(named);
  }
}
