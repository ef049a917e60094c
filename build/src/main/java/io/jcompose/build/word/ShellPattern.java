package io.jcompose.build.word;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * A pattern of {@code ${name#pattern}} and the like: {@code ?} is one character and {@code *} any
 * number of them, but no line feed. All ways are followed at once, so that no pattern takes more
 * than its length times the value's; what is still too much is refused.
 */
final class ShellPattern {
  private static final int ANY = -1;
  private static final int STAR = -2;
  private static final long MAX_STEPS = 20_000_000;

  private final List<Integer> tokens;
  private long steps;

  private ShellPattern(List<Integer> tokens) {
    this.tokens = tokens;
  }

  static ShellPattern parse(String pattern) {
    List<Integer> tokens = new ArrayList<>();
    int[] chars = pattern.codePoints().toArray();
    for (int i = 0; i < chars.length; i++) {
      switch (chars[i]) {
        case '*' -> {
          if (tokens.isEmpty() || tokens.getLast() != STAR) {
            tokens.add(STAR);
          }
        }
        case '?' -> tokens.add(ANY);
        case '\\' -> {
          i++;
          tokens.add(escaped(pattern, i < chars.length ? chars[i] : 0));
        }
        default -> tokens.add(chars[i]);
      }
    }
    return new ShellPattern(tokens);
  }

  private static int escaped(String pattern, int c) {
    if ("*?\\}/".indexOf(c) < 0 || c == 0) {
      String shown = c == 0 ? "" : Character.toString(c);
      throw new WordException(
          "invalid pattern (" + pattern + ") in substitution: invalid escape '\\" + shown + "'");
    }
    return c;
  }

  String withoutPrefix(String value, boolean longest) {
    int[] chars = value.codePoints().toArray();
    int end = end(tokens, chars, 0, longest);
    return end <= 0 ? value : new String(chars, end, chars.length - end);
  }

  String withoutSuffix(String value, boolean longest) {
    int[] chars = new StringBuilder(value).reverse().codePoints().toArray();
    int end = end(tokens.reversed(), chars, 0, longest);
    return end <= 0
        ? value
        : new StringBuilder(new String(chars, end, chars.length - end)).reverse().toString();
  }

  /** Replaces the first match or all; each is the longest from where it begins. */
  String replace(String value, String replacement, boolean all, int maxChars) {
    int[] chars = value.codePoints().toArray();
    StringBuilder result = new StringBuilder();
    int at = 0;
    int matched = -1;
    while (at <= chars.length && (all || matched < 0)) {
      int end = end(tokens, chars, at, true);
      if (end > at || (end == at && matched != at)) {
        result.append(replacement);
        matched = end;
      }
      if (end <= at) {
        if (at < chars.length) {
          result.appendCodePoint(chars[at]);
        }
        at++;
      } else {
        at = end;
      }
      if (result.length() > maxChars) {
        throw new WordException("its expansion has more than " + maxChars + " characters");
      }
    }
    return at < chars.length
        ? result.append(new String(chars, at, chars.length - at)).toString()
        : result.toString();
  }

  /** Where the shortest or longest match from {@code start} ends; -1 without one. */
  private int end(List<Integer> pattern, int[] chars, int start, boolean longest) {
    BitSet states = new BitSet();
    enter(pattern, states, 0);
    int found = -1;
    for (int at = start; ; at++) {
      if (states.get(pattern.size())) {
        found = at;
      }
      if (states.isEmpty() || at == chars.length || (found >= 0 && !longest)) {
        return found;
      }
      BitSet after = new BitSet();
      for (int s = states.nextSetBit(0);
          s >= 0 && s < pattern.size();
          s = states.nextSetBit(s + 1)) {
        step(pattern, after, s, chars[at]);
      }
      states = after;
    }
  }

  private void step(List<Integer> pattern, BitSet after, int state, int c) {
    if (++steps > MAX_STEPS) {
      throw new WordException("the pattern of the substitution takes too long to match");
    }
    int token = pattern.get(state);
    if (token == STAR && c != '\n') {
      enter(pattern, after, state);
    } else if (token == c || (token == ANY && c != '\n')) {
      enter(pattern, after, state + 1);
    }
  }

  /** A star may also be nothing. */
  private static void enter(List<Integer> pattern, BitSet states, int state) {
    states.set(state);
    if (state < pattern.size() && pattern.get(state) == STAR) {
      states.set(state + 1);
    }
  }
}
