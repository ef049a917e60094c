package io.jcompose.engine.content;

import io.jcompose.core.JcomposeException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * What a client sends, kept in a file until all of it has come: a client may take for ever, and
 * what it sends for may be wanted by others meanwhile. The file has no name from its opening on, so
 * that nothing is left of it. Owned by one thread.
 */
final class Spool implements AutoCloseable {
  private static final int BUFFER = 64 << 10;

  /** What must be left on the disk: the engine and all containers write there too. */
  private static final long ROOM_BYTES = 64L << 20;

  private static final long LOOK_BYTES = 8L << 20;

  private final FileChannel file;

  private Spool(FileChannel file) {
    this.file = file;
  }

  /**
   * Takes all that comes; blocks as long as the client does.
   *
   * @param folder on the disk that has room for it
   * @throws IOException from the client
   * @throws JcomposeException.Unavailable when the disk is nearly full
   */
  static Spool take(InputStream in, Path folder) throws IOException {
    Spool spool = new Spool(open(folder));
    try {
      byte[] buffer = new byte[BUFFER];
      long left = 0;
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        left -= n;
        if (left < 0) {
          requireRoom(folder);
          left = LOOK_BYTES;
        }
        spool.add(buffer, n);
      }
      return spool;
    } catch (IOException | RuntimeException e) {
      spool.close();
      throw e;
    }
  }

  /** From its beginning; once. */
  InputStream content() {
    try {
      file.position(0);
      return new BufferedInputStream(Channels.newInputStream(file), BUFFER);
    } catch (IOException e) {
      throw new UncheckedIOException("failed to read what was received", e);
    }
  }

  @Override
  public void close() {
    try {
      file.close();
    } catch (IOException e) {
      throw new UncheckedIOException("failed to remove what was received", e);
    }
  }

  private static FileChannel open(Path folder) {
    try {
      return FileChannel.open(
          Files.createTempFile(folder, ".received-", ".tmp"),
          StandardOpenOption.READ,
          StandardOpenOption.WRITE,
          StandardOpenOption.DELETE_ON_CLOSE);
    } catch (IOException e) {
      throw new UncheckedIOException("failed to keep what is received in " + folder, e);
    }
  }

  private void add(byte[] bytes, int length) {
    try {
      ByteBuffer part = ByteBuffer.wrap(bytes, 0, length);
      while (part.hasRemaining()) {
        file.write(part);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("failed to keep what is received", e);
    }
  }

  private static void requireRoom(Path folder) throws IOException {
    if (Files.getFileStore(folder).getUsableSpace() < ROOM_BYTES) {
      throw new JcomposeException.Unavailable(
          "no space left on device: what is copied into a container that does not run is kept in "
              + folder
              + " until all of it has come; free some, or copy while the container runs");
    }
  }
}
