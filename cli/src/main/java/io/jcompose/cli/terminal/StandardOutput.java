package io.jcompose.cli.terminal;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/**
 * What the command prints for programs, unbuffered. When it cannot be written the command ends:
 * without a word where the reader has gone, as SIGPIPE would end it (which the JVM ignores).
 */
final class StandardOutput extends OutputStream {
  private static final int KILLED_BY_SIGPIPE = 141;

  private final FileOutputStream out = new FileOutputStream(FileDescriptor.out);

  @Override
  public void write(int b) {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes) {
    write(bytes, 0, bytes.length);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) {
    try {
      out.write(bytes, offset, length);
    } catch (IOException e) {
      if ("Broken pipe".equals(e.getMessage())) {
        throw new CommandFailure("", KILLED_BY_SIGPIPE);
      }
      throw new CommandFailure("cannot write to standard output: " + e.getMessage(), 1);
    }
  }
}
