package io.jcompose.build.ignore;

import java.util.List;

/** A part of a {@link PathPattern}. */
sealed interface Token {

  /** One character. */
  record Literal(int c) implements Token {}

  /** One character of some ranges, or of none of them. A slash is a character as others. */
  record Range(boolean negated, List<int[]> ranges) implements Token {
    boolean has(int c) {
      for (int[] range : ranges) {
        if (range[0] <= c && c <= range[1]) {
          return !negated;
        }
      }
      return negated;
    }
  }

  /** One or any number of something. */
  enum Wild implements Token {
    /** One character that is no slash. */
    ONE,
    /** Any number of characters without a slash. */
    STAR,
    /** Nothing, or anything that ends with a slash. */
    FOLDERS,
    /** Anything. */
    REST
  }
}
