package io.jcompose.build.ignore;

import java.util.ArrayList;
import java.util.List;

/** Reads patterns in the syntax of Go's path.Match, and of moby's patternmatcher. */
final class PatternReader {
  private static final String SPECIAL = "*?[]\\";
  private static final int MAX_CHARS = 8192;

  private final String pattern;
  private final int[] chars;
  private final List<Token> tokens = new ArrayList<>();
  private int at;

  private PatternReader(String pattern) {
    this.pattern = pattern;
    if (pattern.length() > MAX_CHARS) {
      throw new PatternException(
          pattern.substring(0, 100) + "…", "it has more than " + MAX_CHARS + " characters");
    }
    this.chars = pattern.codePoints().toArray();
  }

  /**
   * @param deep two stars are any number of folders
   */
  static PathPattern read(String pattern, boolean deep) {
    PatternReader reader = new PatternReader(pattern);
    reader.read(deep);
    return new PathPattern(reader.tokens);
  }

  private void read(boolean deep) {
    while (at < chars.length) {
      int c = chars[at++];
      switch (c) {
        case '*' -> star(deep);
        case '?' -> tokens.add(Token.Wild.ONE);
        case '[' -> tokens.add(range());
        case '\\' -> tokens.add(new Token.Literal(escaped()));
        default -> tokens.add(new Token.Literal(c));
      }
    }
  }

  private void star(boolean deep) {
    if (!deep || !take('*')) {
      add(Token.Wild.STAR);
      return;
    }
    boolean first = at == 2;
    boolean slash = take('/');
    if (at == chars.length) {
      add(Token.Wild.REST);
    } else if (first && !slash && isPlain()) {
      // moby's patternmatcher compares the ends of strings here, so that **go is any name in go
      add(Token.Wild.REST);
    } else {
      add(Token.Wild.FOLDERS);
    }
  }

  /** One after the other of the same is no more than one. */
  private void add(Token.Wild wild) {
    if (tokens.isEmpty() || tokens.getLast() != wild) {
      tokens.add(wild);
    }
  }

  private boolean isPlain() {
    for (int i = at; i < chars.length; i++) {
      if (SPECIAL.indexOf(chars[i]) >= 0) {
        return false;
      }
    }
    return true;
  }

  private Token range() {
    boolean negated = take('^');
    List<int[]> ranges = new ArrayList<>();
    while (ranges.isEmpty() || !take(']')) {
      int low = rangeEnd();
      ranges.add(new int[] {low, take('-') ? rangeEnd() : low});
    }
    return new Token.Range(negated, ranges);
  }

  private int rangeEnd() {
    if (at >= chars.length) {
      throw new PatternException(pattern, "a [ is not closed");
    }
    int c = chars[at++];
    if (c == '-' || c == ']') {
      throw new PatternException(pattern, "a - or ] in brackets is written \\- or \\]");
    }
    return c == '\\' ? escaped() : c;
  }

  private int escaped() {
    if (at >= chars.length) {
      throw new PatternException(pattern, "a \\ at its end escapes nothing");
    }
    return chars[at++];
  }

  private boolean take(int c) {
    boolean taken = at < chars.length && chars[at] == c;
    at += taken ? 1 : 0;
    return taken;
  }
}
