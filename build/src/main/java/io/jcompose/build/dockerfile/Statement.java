package io.jcompose.build.dockerfile;

import io.jcompose.build.instruction.Heredoc;
import io.jcompose.build.instruction.Place;
import java.util.Arrays;
import java.util.List;

/**
 * An instruction that is not yet looked into.
 *
 * @param joined its lines as one
 * @param lastLine of it, here-documents included
 * @param hasEmptyLines between the lines that are joined
 */
record Statement(
    Joined joined, Head head, List<Heredoc> heredocs, int lastLine, boolean hasEmptyLines) {

  /** The place of what begins at {@code at} in the joined text. */
  Place place(int at) {
    return new Place(joined.line(at), Math.max(joined.line(at), lastLine), joined.column(at));
  }

  /** A line that consists of several, and where its parts come from. */
  static final class Joined {
    private final StringBuilder text = new StringBuilder();
    private int[] parts = new int[6];
    private int count;

    /**
     * @param line of the file, from 1
     * @param column in it, from 1
     */
    void add(String part, int line, int column) {
      if (count == parts.length) {
        parts = Arrays.copyOf(parts, count * 2);
      }
      parts[count++] = text.length();
      parts[count++] = line;
      parts[count++] = column;
      text.append(part);
    }

    String text() {
      return text.toString();
    }

    int line(int at) {
      return parts[part(at) + 1];
    }

    int column(int at) {
      int part = part(at);
      return parts[part + 2] + Math.max(at, 0) - parts[part];
    }

    private int part(int at) {
      int part = count - 3;
      while (part > 0 && parts[part] > at) {
        part -= 3;
      }
      return part;
    }
  }
}
