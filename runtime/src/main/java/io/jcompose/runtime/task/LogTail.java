package io.jcompose.runtime.task;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The end of a task's log file, which a new run adds to. */
public final class LogTail {
  private static final Logger LOG = LoggerFactory.getLogger(LogTail.class);
  private static final int BLOCK = 4096;

  private LogTail() {}

  /**
   * Cuts off the part of a record that a shim leaves when it is killed while it writes: nothing may
   * be added to it. A file that cannot be read stays as it is.
   *
   * @param log null for none
   */
  public static void cutTornRecord(@Nullable Path log) {
    if (log == null || Files.notExists(log, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    try (FileChannel file =
        FileChannel.open(
            log,
            Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS))) {
      long whole = endOfRecords(file);
      if (whole < file.size()) {
        file.truncate(whole);
      }
    } catch (IOException e) {
      LOG.warn("the last record of {} may be torn: {}", log, e.toString());
    }
  }

  private static long endOfRecords(FileChannel file) throws IOException {
    ByteBuffer block = ByteBuffer.allocate(BLOCK);
    for (long end = file.size(); end > 0; end -= block.limit()) {
      block.clear().limit((int) Math.min(BLOCK, end));
      while (block.hasRemaining()
          && file.read(block, end - block.limit() + block.position()) >= 0) {}
      for (int at = block.position() - 1; at >= 0; at--) {
        if (block.get(at) == '\n') {
          return end - block.limit() + at + 1;
        }
      }
    }
    return 0;
  }
}
