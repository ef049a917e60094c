package io.jcompose.api.http;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;

/** The bytes that a client gets, unbuffered. Owned by the connection. */
final class WireOutput extends OutputStream {
  /** The most at once: the JDK holds as much again outside of the heap until it is taken. */
  static final int SLICE_BYTES = 1 << 16;

  private static final byte[] CRLF = {'\r', '\n'};

  private final WritableByteChannel channel;

  WireOutput(WritableByteChannel channel) {
    this.channel = channel;
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    int at = offset;
    while (at < offset + length) {
      int slice = Math.min(SLICE_BYTES, offset + length - at);
      at += channel.write(ByteBuffer.wrap(bytes, at, slice));
    }
  }

  /** Writes a head and what belongs to it in one packet, or what is long on its own. */
  void write(String head, byte[] body, int offset, int length) throws IOException {
    byte[] start = head.getBytes(StandardCharsets.ISO_8859_1);
    if (length > SLICE_BYTES) {
      write(start, 0, start.length);
      write(body, offset, length);
      return;
    }
    byte[] all = new byte[start.length + length];
    System.arraycopy(start, 0, all, 0, start.length);
    System.arraycopy(body, offset, all, start.length, length);
    write(all, 0, all.length);
  }

  /** One chunk of a chunked body; an empty one would end it, so it is left out. */
  void chunk(byte[] bytes, int offset, int length) throws IOException {
    if (length > SLICE_BYTES) {
      write(Integer.toHexString(length) + "\r\n", bytes, offset, length);
      write(CRLF, 0, CRLF.length);
    } else if (length > 0) {
      byte[] all = new byte[length + 2];
      System.arraycopy(bytes, offset, all, 0, length);
      System.arraycopy(CRLF, 0, all, length, 2);
      write(Integer.toHexString(length) + "\r\n", all, 0, all.length);
    }
  }
}
