package io.jcompose.core;

import java.util.Optional;

/** Finds what a misspelt word is likely to mean. */
public final class Spelling {
  private static final int MAX_WORD = 100;
  private static final int MOST_CANDIDATES = 1000;

  private Spelling() {}

  /** The name among the first thousand of {@code known} that differs least, if by few letters. */
  public static Optional<String> closest(String word, Iterable<String> known) {
    String best = "";
    if (word.length() < 2 || word.length() > MAX_WORD) {
      return Optional.empty();
    }
    int least = Math.max(1, word.length() / 3) + 1;
    int count = 0;
    for (String candidate : known) {
      if (++count > MOST_CANDIDATES) {
        break;
      }
      int distance =
          Math.abs(candidate.length() - word.length()) >= least ? least : distance(word, candidate);
      if (distance < least) {
        least = distance;
        best = candidate;
      }
    }
    return best.isEmpty() ? Optional.empty() : Optional.of(best);
  }

  /** Edits between two words, where swapping neighbours counts as one. */
  private static int distance(String a, String b) {
    int[][] d = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        if (i == 0 || j == 0) {
          d[i][j] = i + j;
          continue;
        }
        int same = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
        d[i][j] = Math.min(Math.min(d[i - 1][j], d[i][j - 1]) + 1, d[i - 1][j - 1] + same);
        if (i > 1
            && j > 1
            && a.charAt(i - 1) == b.charAt(j - 2)
            && a.charAt(i - 2) == b.charAt(j - 1)) {
          d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
        }
      }
    }
    return d[a.length()][b.length()];
  }
}
