package io.jcompose.cli.command;

import java.util.Collection;
import java.util.Locale;

/** Finds what a misspelt command or option is likely to mean. */
final class Meant {
  private static final int LONGEST = 40;

  private Meant() {}

  /** {@code ; did you mean x?} for the nearest of the known words, or nothing. */
  static String question(String word, Collection<String> known) {
    String best = "";
    int least = Math.max(1, word.length() / 3) + 1;
    String lower = word.toLowerCase(Locale.ROOT);
    for (String candidate : known) {
      boolean near =
          word.length() <= LONGEST && Math.abs(candidate.length() - word.length()) < least;
      int distance = near ? distance(lower, candidate) : least;
      if (distance < least) {
        least = distance;
        best = candidate;
      }
    }
    return best.isEmpty() ? "" : "; did you mean \"" + best + "\"?";
  }

  /** Edits between two words, where swapping neighbours counts as one. */
  private static int distance(String a, String b) {
    int[][] d = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        d[i][j] = i == 0 || j == 0 ? i + j : step(d, a, b, i, j);
      }
    }
    return d[a.length()][b.length()];
  }

  private static int step(int[][] d, String a, String b, int i, int j) {
    int same = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
    int least = Math.min(Math.min(d[i - 1][j], d[i][j - 1]) + 1, d[i - 1][j - 1] + same);
    boolean swapped =
        i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
    return swapped ? Math.min(least, d[i - 2][j - 2] + 1) : least;
  }
}
