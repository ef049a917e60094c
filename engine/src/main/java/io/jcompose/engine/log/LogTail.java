package io.jcompose.engine.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/**
 * The end of a log file, found from behind. Only records that cannot be a piece of a longer line
 * are counted: each line has one of these at most, and it is the last of its pieces.
 *
 * @param offset where the last {@code lines} follow; 0 where the file has fewer than asked for
 * @param lines how many were found, those asked for at most
 */
record LogTail(long offset, long lines) {
  private static final int BLOCK_BYTES = 64 << 10;

  /** The last {@code count} lines without the first of them: from behind it on. */
  static LogTail of(FileChannel file, long count) throws IOException {
    ByteBuffer block = ByteBuffer.allocate(BLOCK_BYTES);
    long found = 0;
    long end = -1; // of the line that is looked at: the place of its newline
    for (long to = file.size(); to > 0; ) {
      long from = Math.max(0, to - BLOCK_BYTES);
      block.clear().limit((int) (to - from));
      while (block.hasRemaining() && file.read(block, from + block.position()) > 0) {}
      for (int i = block.position() - 1; i >= 0; i--) {
        if (block.get(i) != '\n') {
          continue;
        }
        if (end >= 0 && isWhole(from + i, end) && ++found == count) {
          return new LogTail(end + 1, found);
        }
        end = from + i;
      }
      to = from;
    }
    return new LogTail(0, end >= 0 && isWhole(-1, end) ? found + 1 : found);
  }

  private static boolean isWhole(long before, long end) {
    return end - before < LongLine.PIECE_BYTES;
  }
}
