package io.jcompose.api.http;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;

/**
 * The frames of a WebSocket (RFC 6455, section 5), so that bytes go both ways through it: which of
 * the client's messages they came in does not matter, and each write is a message. One thread may
 * read while others write one at a time.
 */
final class WebSocketFrames {
  private static final String SALT = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"; // section 1.3
  private static final int LAST_DATA = 2;
  private static final int CLOSE = 8;
  private static final int PING = 9;
  private static final int PONG = 10;
  private static final int WHOLE = 0x80;
  private static final int LONGEST_CONTROL = 125;
  private static final int SHORT = 126;
  private static final int LONG = 127;
  private static final int PROTOCOL_ERROR = 1002;

  private final InputStream input;
  private final OutputStream output;
  private final int kind;
  private final byte[] mask = new byte[4];
  private long left; // of the frame that is read, of which so much was read
  private long read;
  private boolean ended;
  private boolean closed; // guarded by output

  /**
   * @param binary else what is written is called text
   */
  WebSocketFrames(InputStream input, OutputStream output, boolean binary) {
    this.input = input;
    this.output = output;
    this.kind = binary ? LAST_DATA : 1;
  }

  /** What shows that a server has understood the client's key. */
  static String accept(String key) {
    try {
      byte[] text = (key + SALT).getBytes(StandardCharsets.US_ASCII);
      return Base64.getEncoder().encodeToString(MessageDigest.getInstance("SHA-1").digest(text));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("no SHA-1 in this JDK", e);
    }
  }

  /** What the client sends; ends with its close. */
  InputStream input() {
    return new InputStream() {
      @Override
      public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
      }

      @Override
      public int read(byte[] target, int offset, int length) throws IOException {
        return WebSocketFrames.this.read(target, offset, length);
      }
    };
  }

  /** What the client gets. */
  OutputStream output() {
    return new OutputStream() {
      @Override
      public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
      }

      @Override
      public void write(byte[] bytes, int offset, int length) throws IOException {
        send(kind, Arrays.copyOfRange(bytes, offset, offset + length));
      }
    };
  }

  private int read(byte[] target, int offset, int length) throws IOException {
    while (left == 0 && !ended) {
      next();
    }
    int count = ended ? -1 : input.read(target, offset, (int) Math.min(length, left));
    if (count < 0) {
      ended = true;
      return -1;
    }
    unmask(target, offset, count);
    left -= count;
    return count;
  }

  private void unmask(byte[] bytes, int offset, int count) {
    for (int i = 0; i < count; i++) {
      bytes[offset + i] ^= mask[(int) (read++ & 3)];
    }
  }

  /** The head of the next frame, and all of one that carries no data. */
  private void next() throws IOException {
    int first = input.read();
    if (first < 0) {
      ended = true;
      return;
    }
    int second = required();
    int opcode = first & 0x0f;
    boolean control = opcode >= CLOSE;
    long length = length(second & 0x7f);
    boolean whole = (first & WHOLE) != 0;
    boolean wrong =
        (first & 0x70) != 0
            || (second & 0x80) == 0
            || opcode > PONG
            || (opcode > LAST_DATA && !control)
            || length < 0
            || (control && (length > LONGEST_CONTROL || !whole));
    if (wrong) {
      close(PROTOCOL_ERROR);
      ended = true;
      return;
    }
    for (int i = 0; i < mask.length; i++) {
      mask[i] = (byte) required();
    }
    read = 0;
    if (control) {
      control(opcode, (int) length);
    } else {
      left = length;
    }
  }

  private long length(int told) throws IOException {
    int bytes = told == SHORT ? 2 : told == LONG ? 8 : 0;
    long length = bytes == 0 ? told : 0;
    for (int i = 0; i < bytes; i++) {
      length = (length << 8) | required();
    }
    return length;
  }

  private int required() throws IOException {
    int one = input.read();
    if (one < 0) {
      throw new EOFException("the connection ended in a frame");
    }
    return one;
  }

  private void control(int opcode, int length) throws IOException {
    byte[] body = input.readNBytes(length);
    unmask(body, 0, body.length);
    if (opcode == PING) {
      send(PONG, body);
    } else if (opcode == CLOSE) {
      ended = true;
      end(body.length < 2 ? new byte[0] : Arrays.copyOf(body, 2));
    }
  }

  /** Tells the client that no more comes; once. */
  void close(int code) throws IOException {
    end(new byte[] {(byte) (code >> 8), (byte) code});
  }

  private void end(byte[] code) throws IOException {
    synchronized (output) {
      if (!closed) {
        send(CLOSE, code);
        closed = true;
      }
    }
  }

  private void send(int opcode, byte[] body) throws IOException {
    int extra = body.length < SHORT ? 0 : body.length < 1 << 16 ? 2 : 8;
    byte[] frame = new byte[2 + extra + body.length];
    frame[0] = (byte) (WHOLE | opcode);
    frame[1] = (byte) (extra == 0 ? body.length : extra == 2 ? SHORT : LONG);
    for (int i = 0; i < extra; i++) {
      frame[2 + i] = (byte) ((long) body.length >> (8 * (extra - 1 - i)));
    }
    System.arraycopy(body, 0, frame, 2 + extra, body.length);
    synchronized (output) {
      if (closed) {
        throw new IOException("the client has closed the WebSocket");
      }
      output.write(frame, 0, frame.length);
    }
  }
}
