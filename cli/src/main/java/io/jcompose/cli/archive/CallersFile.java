package io.jcompose.cli.archive;

import io.jcompose.cli.terminal.CommandFailure;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * A file of the caller's that is written: what goes wrong with it is told as that, and not as the
 * connection's failure. Confined to one thread.
 */
final class CallersFile extends FilterOutputStream {
  private final Path meant;

  private CallersFile(OutputStream out, Path meant) {
    super(out);
    this.meant = meant;
  }

  /** A new file beside another one, for others may write to the directory too; of mode 0600. */
  static Path temporary(Path beside) {
    try {
      return Files.createTempFile(beside.resolveSibling("."), ".jcompose-", ".part");
    } catch (IOException e) {
      throw failed(beside, e);
    }
  }

  /**
   * Opens a file, which is made where it is not there.
   *
   * @param meant that the caller named
   */
  static CallersFile open(Path file, Path meant) {
    try {
      return new CallersFile(Files.newOutputStream(file), meant);
    } catch (IOException e) {
      throw failed(meant, e);
    }
  }

  /** Puts a whole file in its place. */
  static void rename(Path part, Path file) {
    try {
      Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw failed(file, e);
    }
  }

  private static CommandFailure failed(Path file, IOException e) {
    String reason = e instanceof FileSystemException f ? f.getReason() : e.getMessage();
    String why = reason == null ? e.getClass().getSimpleName() : reason;
    return new CommandFailure("cannot write to " + file + ": " + why, 1);
  }

  @Override
  public void write(int b) {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) {
    try {
      out.write(bytes, offset, length);
    } catch (IOException e) {
      throw failed(meant, e);
    }
  }

  @Override
  public void close() {
    try {
      out.close();
    } catch (IOException e) {
      throw failed(meant, e);
    }
  }
}
