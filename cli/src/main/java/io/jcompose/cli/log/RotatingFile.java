package io.jcompose.cli.log;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A log file that is renamed to {@code .1} when it is full, that to {@code .2}, and so on; the
 * oldest goes. Only root may read it. What cannot be written, because the disk is full, is lost,
 * and the engine goes on. Guarded by its lock.
 */
final class RotatingFile implements LogSink {
  private static final long MOST_BYTES = 10L << 20;
  private static final int FILES = 4;

  private final Path file;
  private final long mostBytes;
  private final ReentrantLock lock = new ReentrantLock();
  private @Nullable FileChannel channel;
  private long size;
  private boolean told;

  RotatingFile(Path file) {
    this(file, MOST_BYTES);
  }

  RotatingFile(Path file, long mostBytes) {
    this.file = file;
    this.mostBytes = mostBytes;
  }

  @Override
  public boolean isJournal() {
    return false;
  }

  @Override
  public void write(String lines) {
    ByteBuffer bytes = ByteBuffer.wrap(lines.getBytes(StandardCharsets.UTF_8));
    lock.lock();
    try {
      FileChannel open = open(bytes.remaining());
      size += bytes.remaining();
      while (bytes.hasRemaining()) {
        int written = open.write(bytes);
        if (written < 0) {
          throw new IOException("nothing is written");
        }
      }
      told = false;
    } catch (IOException e) {
      tellOnce(e);
    } finally {
      lock.unlock();
    }
  }

  private FileChannel open(int more) throws IOException {
    if (channel != null && size + more > mostBytes) {
      channel.close();
      channel = null;
      rotate();
    }
    if (channel == null) {
      channel =
          FileChannel.open(
              file,
              Set.of(
                  StandardOpenOption.CREATE,
                  StandardOpenOption.WRITE,
                  StandardOpenOption.APPEND,
                  LinkOption.NOFOLLOW_LINKS),
              PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      size = channel.size();
    }
    return channel;
  }

  private void rotate() throws IOException {
    for (int n = FILES - 2; n >= 0; n--) {
      Path from = n == 0 ? file : numbered(n);
      if (Files.exists(from, LinkOption.NOFOLLOW_LINKS)) {
        Files.move(from, numbered(n + 1), StandardCopyOption.REPLACE_EXISTING);
      }
    }
  }

  private Path numbered(int n) {
    return file.resolveSibling(file.getFileName() + "." + n);
  }

  /** There is no other place for the log's own trouble than standard error. */
  private void tellOnce(IOException e) {
    if (!told) {
      told = true;
      System.err.println("cannot write to " + file + ": " + e.getMessage());
    }
  }
}
