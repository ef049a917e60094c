package io.jcompose.build.context;

import io.jcompose.core.JcomposeException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What {@code --chmod} says: octal digits, or symbolic clauses as of man 1 chmod. Immutable. */
public final class FileMode {
  private static final Pattern CLAUSE = Pattern.compile("([ugoa]*)((?:[-+=][rwxXst]*)+)");
  private static final Pattern CHANGE = Pattern.compile("([-+=])([rwxXst]*)");
  private static final int EXECUTE = 0111;

  private final int octal; // -1 for clauses
  private final List<Change> changes;

  private record Change(String who, char operator, String letters) {}

  private FileMode(int octal, List<Change> changes) {
    this.octal = octal;
    this.changes = changes;
  }

  /**
   * @throws JcomposeException.InvalidArgument for what is none
   */
  public static FileMode parse(String text) {
    if (text.matches("[0-7]{1,8}")) {
      int mode = Integer.parseInt(text, 8);
      if (mode <= 07777) {
        return new FileMode(mode, List.of());
      }
    }
    List<Change> changes = new ArrayList<>();
    for (String clause : text.split(",", -1)) {
      Matcher whole = CLAUSE.matcher(clause);
      if (!whole.matches()) {
        throw new JcomposeException.InvalidArgument(
            "invalid chmod parameter: '"
                + text
                + "'. it should be octal string and between 0 and 07777, or clauses as u=rwX,go=rX");
      }
      String who = whole.group(1).isEmpty() ? "a" : whole.group(1);
      Matcher change = CHANGE.matcher(whole.group(2));
      while (change.find()) {
        changes.add(new Change(who, change.group(1).charAt(0), change.group(2)));
      }
    }
    return new FileMode(-1, changes);
  }

  /** The permissions of a file that has those now. */
  public int of(int mode, boolean directory) {
    if (octal >= 0) {
      return octal;
    }
    int now = mode;
    for (Change change : changes) {
      now = applied(change, now, directory);
    }
    return now;
  }

  private static int applied(Change change, int mode, boolean directory) {
    int bits = 0;
    int mask = 0;
    for (int i = 0; i < change.who.length(); i++) {
      char who = change.who.charAt(i);
      int shift = who == 'u' ? 6 : who == 'g' ? 3 : 0;
      for (int each : who == 'a' ? new int[] {6, 3, 0} : new int[] {shift}) {
        mask |= 07 << each | (each == 6 ? 04000 : each == 3 ? 02000 : 01000);
        bits |= bits(change.letters, each, mode, directory);
      }
    }
    return switch (change.operator) {
      case '+' -> mode | bits;
      case '-' -> mode & ~bits;
      default -> (mode & ~mask) | bits;
    };
  }

  private static int bits(String letters, int shift, int mode, boolean directory) {
    int bits = 0;
    for (int i = 0; i < letters.length(); i++) {
      bits |=
          switch (letters.charAt(i)) {
            case 'r' -> 04 << shift;
            case 'w' -> 02 << shift;
            case 'x' -> 01 << shift;
            case 'X' -> directory || (mode & EXECUTE) != 0 ? 01 << shift : 0;
            case 's' -> shift == 6 ? 04000 : shift == 3 ? 02000 : 0;
            default -> shift == 0 ? 01000 : 0;
          };
    }
    return bits;
  }
}
