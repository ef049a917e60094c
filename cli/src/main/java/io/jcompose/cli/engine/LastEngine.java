package io.jcompose.cli.engine;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;

/**
 * The engine before this one on the same state root, when it did not end by itself. Immutable.
 *
 * @param pid empty when it ended well, or when there was none
 * @param words what was last on its standard error
 */
record LastEngine(String pid, String words) {
  private static final int PID_BYTES = 20;
  private static final int TAIL_BYTES = 1000;

  /**
   * Reads what it left in its lock, which it empties when it ends.
   *
   * @param errors what it wrote on standard error, if it is there
   */
  static LastEngine read(FileChannel lock, Path errors) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(PID_BYTES);
    int count = lock.read(bytes, 0);
    String pid = new String(bytes.array(), 0, Math.max(0, count), StandardCharsets.UTF_8).strip();
    return new LastEngine(pid, pid.isEmpty() ? "" : words(errors));
  }

  private static String words(Path file) {
    try (FileChannel channel = FileChannel.open(file)) {
      ByteBuffer bytes = ByteBuffer.allocate(TAIL_BYTES);
      int count = channel.read(bytes, Math.max(0, channel.size() - TAIL_BYTES));
      String text = new String(bytes.array(), 0, Math.max(0, count), StandardCharsets.UTF_8);
      return Files.size(file) == 0 ? "" : text.strip();
    } catch (IOException e) {
      return ""; // a reboot took it
    }
  }

  void tell(Logger log) {
    if (!pid.isEmpty()) {
      log.warn(
          "the engine before this one, pid {}, was killed or died{}",
          pid,
          words.isEmpty() ? "" : "; its last words:\n" + words);
    }
  }
}
