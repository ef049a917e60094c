package io.jcompose.images.registry;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/**
 * A message body as RFC 9112 section 6 delimits it: by length, in chunks, or by the connection's
 * end. A body that ends early is an EOFException. Confined to one thread.
 */
final class HttpBody extends InputStream {
  static final long CHUNKED = -1;
  static final long UNTIL_CLOSE = -2;
  private static final int LINE_LIMIT = 16384;
  private static final int TRAILER_LIMIT = 100;
  private static final Pattern CHUNK_SIZE = Pattern.compile("[0-9a-fA-F]{1,15}");

  private final InputStream in;
  private final boolean chunked;
  private final boolean untilClose;
  private long remaining;
  private boolean ended;

  HttpBody(InputStream in, long length) {
    this.in = in;
    this.chunked = length == CHUNKED;
    this.untilClose = length == UNTIL_CLOSE;
    this.remaining = Math.max(0, length);
    this.ended = length == 0;
  }

  /** True when the connection can carry another exchange. */
  boolean isConsumed() {
    return ended && !untilClose;
  }

  boolean isUntilClose() {
    return untilClose;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    if (ended) {
      return -1;
    }
    if (chunked && remaining == 0) {
      beginChunk();
      if (ended) {
        return -1;
      }
    }
    int wanted = untilClose ? length : (int) Math.min(length, remaining);
    int count = in.read(target, offset, wanted);
    if (count < 0) {
      ended = untilClose;
      if (untilClose) {
        return -1;
      }
      throw new EOFException("connection closed " + remaining + " bytes before the body's end");
    }
    if (!untilClose) {
      remaining -= count;
      if (remaining == 0) {
        endPart();
      }
    }
    return count;
  }

  private void endPart() throws IOException {
    if (chunked) {
      line(in);
    } else {
      ended = true;
    }
  }

  private void beginChunk() throws IOException {
    String line = line(in);
    int extension = line.indexOf(';');
    String size = (extension < 0 ? line : line.substring(0, extension)).strip();
    if (!CHUNK_SIZE.matcher(size).matches()) {
      throw new IOException("invalid chunk size in an HTTP body");
    }
    remaining = Long.parseLong(size, 16);
    if (remaining == 0) {
      endTrailers();
    }
  }

  private void endTrailers() throws IOException {
    for (int count = 0; !line(in).isEmpty(); count++) {
      if (count == TRAILER_LIMIT) {
        throw new IOException("more than " + TRAILER_LIMIT + " trailers of an HTTP body");
      }
    }
    ended = true;
  }

  /** Reads a line without its end. */
  static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    while (line.length() < LINE_LIMIT) {
      int octet = in.read();
      if (octet < 0) {
        throw new EOFException("connection closed inside of an HTTP header");
      }
      if (octet == '\n') {
        int end = line.length();
        return end > 0 && line.charAt(end - 1) == '\r'
            ? line.substring(0, end - 1)
            : line.toString();
      }
      line.append((char) octet);
    }
    throw new IOException("HTTP header line of more than " + LINE_LIMIT + " bytes");
  }

  static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }
}
