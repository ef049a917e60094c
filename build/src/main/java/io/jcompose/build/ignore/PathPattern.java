package io.jcompose.build.ignore;

import java.util.BitSet;
import java.util.List;

/**
 * A pattern that is read. All ways to match are followed at once, so that the time is at most its
 * length times the path's. Immutable.
 */
final class PathPattern {
  private final Token[] tokens;

  PathPattern(List<Token> tokens) {
    this.tokens = tokens.toArray(Token[]::new);
  }

  /** Whether the whole path matches. */
  boolean matches(int[] path) {
    return run(path, false).get(tokens.length);
  }

  /** Whether the path matches, or a folder that it is in. */
  boolean matchesSelfOrFolder(int[] path) {
    return run(path, true).get(tokens.length);
  }

  /** Whether something in the folder may match, or the folder, or one that it is in. */
  boolean mayMatchWithin(int[] folder) {
    BitSet states = run(folder, true);
    return states.get(tokens.length) || !after(states, '/').isEmpty();
  }

  /** The states behind the path; only the last one when a folder of it is enough, and matches. */
  private BitSet run(int[] path, boolean folders) {
    BitSet states = new BitSet(tokens.length + 1);
    enter(states, 0);
    for (int i = 0; i < path.length && !states.isEmpty(); i++) {
      if (folders && path[i] == '/' && i > 0 && states.get(tokens.length)) {
        return states;
      }
      states = after(states, path[i]);
    }
    return states;
  }

  private BitSet after(BitSet states, int c) {
    BitSet after = new BitSet(tokens.length + 1);
    for (int s = states.nextSetBit(0); s >= 0 && s < tokens.length; s = states.nextSetBit(s + 1)) {
      step(after, s, c);
    }
    return after;
  }

  private void step(BitSet after, int state, int c) {
    switch (tokens[state]) {
      case Token.Literal literal -> enterIf(literal.c() == c, after, state + 1);
      case Token.Range range -> enterIf(range.has(c), after, state + 1);
      case Token.Wild wild -> {
        switch (wild) {
          case ONE -> enterIf(c != '/', after, state + 1);
          case STAR -> enterIf(c != '/', after, state);
          case REST -> enter(after, state);
          case FOLDERS -> {
            after.set(state);
            enterIf(c == '/', after, state + 1);
          }
        }
      }
    }
  }

  private void enterIf(boolean matches, BitSet states, int state) {
    if (matches) {
      enter(states, state);
    }
  }

  /** What may be nothing is passed at once. */
  private void enter(BitSet states, int state) {
    int s = state;
    states.set(s);
    while (s < tokens.length && tokens[s] instanceof Token.Wild wild && wild != Token.Wild.ONE) {
      states.set(++s);
    }
  }
}
