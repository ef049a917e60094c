package io.jcompose.engine.log;

import io.jcompose.core.Containers.LogRecord;
import java.nio.charset.StandardCharsets;

/**
 * Recognizes the pieces of a line that was too long for one record: a shim cuts it each 16 KiB and
 * gives all its pieces the time of the first (runtime, log.c), as Docker does. A process's last
 * line without a newline is none: it is shorter. Owned by a reader.
 */
final class LongLine {
  /** Bytes of a piece; escapes and what stands for invalid bytes only make its text longer. */
  static final int PIECE_BYTES = 16 << 10;

  /** A piece may end before a character that it has no room for. */
  private static final int SHORTEST_PIECE_BYTES = PIECE_BYTES - 3;

  /** The most that is one line: 1 MiB, so that one that never ends holds nobody up. */
  private static final int MOST_PIECES = 64;

  private int pieces;

  /** True for a piece that is cut; asked of each record, in order. */
  boolean mayContinue(LogRecord record) {
    String text = record.text();
    boolean cut =
        text.length() > PIECE_BYTES / 8
            && !text.endsWith("\n")
            && text.getBytes(StandardCharsets.UTF_8).length >= SHORTEST_PIECE_BYTES;
    pieces = cut && pieces + 1 < MOST_PIECES ? pieces + 1 : 0;
    return pieces > 0;
  }

  /** Whether the line of a cut piece goes on with the record behind it. */
  boolean continues(LogRecord piece, LogRecord next) {
    boolean same = piece.stream().equals(next.stream()) && piece.time().equals(next.time());
    pieces = same ? pieces : 0;
    return same;
  }
}
