package io.jcompose.api.http;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The bytes that a client sends, with one small buffer, so that what follows a request's head in
 * the same packet reaches the body or the hijacked stream. Owned by the connection's thread.
 */
final class WireInput {
  /** The JDK holds as much again outside of the heap. */
  private static final int MOST_AT_ONCE = 1 << 16;

  private final ReadableByteChannel channel;
  private final ByteBuffer buffer = ByteBuffer.allocate(8192).limit(0);

  WireInput(ReadableByteChannel channel) {
    this.channel = channel;
  }

  /** Up to {@code length} bytes; -1 at the end. */
  int read(byte[] target, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    if (!buffer.hasRemaining() && length >= buffer.capacity()) {
      int count = channel.read(ByteBuffer.wrap(target, offset, Math.min(length, MOST_AT_ONCE)));
      return count > 0 ? count : -1;
    }
    if (!fill()) {
      return -1;
    }
    int count = Math.min(length, buffer.remaining());
    buffer.get(target, offset, count);
    return count;
  }

  /** Waits until there is a byte to read; false at the end. */
  boolean fill() throws IOException {
    if (buffer.hasRemaining()) {
      return true;
    }
    buffer.clear();
    int count = channel.read(buffer);
    buffer.flip();
    return count > 0;
  }

  /** A line without its line end; null at the end of input. */
  @Nullable String line(int limit) throws IOException {
    byte[] line = new byte[128];
    int length = 0;
    while (fill()) {
      byte next = buffer.get();
      if (next == '\n') {
        int end = length > 0 && line[length - 1] == '\r' ? length - 1 : length;
        return new String(line, 0, end, StandardCharsets.ISO_8859_1);
      }
      if (length == limit) {
        throw new MalformedRequest(431, "request line or header longer than " + limit + " bytes");
      }
      if (length == line.length) {
        line = Arrays.copyOf(line, length * 2);
      }
      line[length++] = next;
    }
    if (length > 0) {
      throw new MalformedRequest(400, "connection closed in the middle of a request");
    }
    return null;
  }
}
