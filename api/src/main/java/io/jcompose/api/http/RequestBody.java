package io.jcompose.api.http;

import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;

/**
 * A request's body, by Content-Length or chunked. It ends at the body's end and leaves what follows
 * on the wire. Owned by the connection's thread.
 */
final class RequestBody extends InputStream {
  private static final int CHUNK_LINE_LIMIT = 1024;

  private final WireInput input;
  private final Runnable beforeFirstRead;
  private final boolean chunked;
  private long remaining;
  private boolean begun;
  private boolean ended;

  private RequestBody(WireInput input, boolean chunked, long length, Runnable beforeFirstRead) {
    this.input = input;
    this.chunked = chunked;
    this.remaining = length;
    this.beforeFirstRead = beforeFirstRead;
    this.ended = !chunked && length == 0;
  }

  /**
   * @param sendContinue called before the first byte is awaited; sends {@code 100 Continue} when
   *     the client asked for it
   */
  static RequestBody of(RequestHead head, WireInput input, Runnable sendContinue)
      throws MalformedRequest {
    String encoding = head.header("transfer-encoding").toLowerCase(Locale.ROOT);
    String length = head.header("content-length");
    if (!encoding.isEmpty()) {
      if (!encoding.equals("chunked")) {
        throw new MalformedRequest(501, "transfer encoding " + encoding + " is not supported");
      }
      if (!length.isEmpty()) {
        throw new MalformedRequest(400, "both Content-Length and Transfer-Encoding");
      }
      return new RequestBody(input, true, 0, sendContinue);
    }
    return new RequestBody(input, false, length.isEmpty() ? 0 : number(length, 10), sendContinue);
  }

  /** How many bytes are still to come at the most; unknown is {@link Long#MAX_VALUE}. */
  long mostBytes() {
    return ended ? 0 : chunked ? Long.MAX_VALUE : remaining;
  }

  boolean isChunked() {
    return chunked;
  }

  /** True when everything up to the next request was read. */
  boolean isDrained() {
    return ended;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    if (ended || length == 0) {
      return ended ? -1 : 0;
    }
    if (!begun) {
      begun = true;
      beforeFirstRead.run();
    }
    if (remaining == 0) {
      nextChunk();
      if (ended) {
        return -1;
      }
    }
    int count = input.read(target, offset, (int) Math.min(length, remaining));
    if (count < 0) {
      throw new MalformedRequest(400, "connection closed in the middle of a request");
    }
    remaining -= count;
    if (remaining == 0) {
      endOfPart();
    }
    return count;
  }

  private void nextChunk() throws IOException {
    String line = line();
    int extension = line.indexOf(';');
    remaining = number(extension < 0 ? line : line.substring(0, extension), 16);
    if (remaining == 0) {
      while (!line().isEmpty()) {
        // trailers carry nothing here
      }
      ended = true;
    }
  }

  private void endOfPart() throws IOException {
    if (!chunked) {
      ended = true;
    } else if (!line().isEmpty()) {
      throw new MalformedRequest(400, "malformed chunk");
    }
  }

  private String line() throws IOException {
    String line = input.line(CHUNK_LINE_LIMIT);
    if (line == null) {
      throw new MalformedRequest(400, "connection closed in the middle of a request");
    }
    return line;
  }

  private static long number(String text, int radix) throws MalformedRequest {
    String digits = text.strip();
    try {
      if (!digits.isEmpty() && Character.digit(digits.charAt(0), radix) >= 0) {
        return Long.parseLong(digits, radix);
      }
    } catch (NumberFormatException e) {
      // told below
    }
    throw new MalformedRequest(400, "malformed length of the body");
  }
}
