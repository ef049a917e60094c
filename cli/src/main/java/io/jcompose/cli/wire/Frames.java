package io.jcompose.cli.wire;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * Docker's stream frames, {@code [stream,0,0,0,length as 32 bits, big end first]} and the bytes.
 * From the engine: 1 standard output, 2 standard error, 3 one JSON object, 7 a place in a log, 8 a
 * line about containers between those of their logs. To the engine: 0 standard input (an empty
 * frame is its end), 4 the terminal's size as {@code rows columns}.
 */
public final class Frames {
  public static final int STDIN = 0;
  public static final int STDOUT = 1;
  public static final int STDERR = 2;
  public static final int CONTROL = 3;
  public static final int RESIZE = 4;
  public static final int PLACE = 7;
  public static final int REMARK = 8;

  private static final int LONGEST = 16 * 1024 * 1024;

  private Frames() {}

  /** Takes frames as they come. */
  public interface Sink {
    /**
     * Takes one frame.
     *
     * @return true to go on, false when this was the last one
     */
    boolean accept(int stream, byte[] bytes) throws IOException;
  }

  /**
   * Gives every frame to {@code sink} until it has the last one or the input ends. Nothing is read
   * after the last one: where the engine closes a Unix socket with input of ours unread, the kernel
   * answers the next read with ECONNRESET instead of the end.
   */
  public static void read(InputStream input, Sink sink) throws IOException {
    byte[] head = new byte[8];
    while (true) {
      int count = input.readNBytes(head, 0, 8);
      if (count == 0) {
        return;
      }
      int length =
          (head[4] & 0xff) << 24
              | (head[5] & 0xff) << 16
              | (head[6] & 0xff) << 8
              | (head[7] & 0xff);
      if (count < 8 || length < 0 || length > LONGEST) {
        throw new EOFException("the engine's stream is broken");
      }
      byte[] bytes = new byte[length];
      if (input.readNBytes(bytes, 0, length) < length) {
        throw new EOFException("the engine ended in the middle of a stream");
      }
      if (!sink.accept(head[0], bytes)) {
        return;
      }
    }
  }

  /** Writes one frame in one call. */
  public static void write(OutputStream output, int stream, byte[] bytes, int length)
      throws IOException {
    byte[] frame = new byte[8 + length];
    frame[0] = (byte) stream;
    frame[4] = (byte) (length >>> 24);
    frame[5] = (byte) (length >>> 16);
    frame[6] = (byte) (length >>> 8);
    frame[7] = (byte) length;
    System.arraycopy(bytes, 0, frame, 8, length);
    output.write(frame, 0, frame.length);
  }
}
