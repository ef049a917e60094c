package io.jcompose.api.http;

import java.io.IOException;
import java.io.OutputStream;

/** A growing body: each write is one chunk, sent at once. Used by one thread at a time. */
final class ChunkedOutput extends OutputStream {
  private final WireOutput output;
  private final boolean chunked;
  private volatile boolean ended;

  ChunkedOutput(WireOutput output, boolean chunked) {
    this.output = output;
    this.chunked = chunked;
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    if (chunked) {
      output.chunk(bytes, offset, length);
    } else {
      output.write(bytes, offset, length);
    }
  }

  boolean isEnded() {
    return ended;
  }

  void end() throws IOException {
    ended = true;
    if (chunked) {
      output.write("0\r\n\r\n", new byte[0], 0, 0);
    }
  }
}
