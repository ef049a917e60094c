package io.jcompose.api.answer;

import io.jcompose.api.text.JsonText;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Docker's stream frames, {@code [stream,0,0,0,length as 32 bits, big end first]} and the bytes: 1
 * standard output, 2 standard error; ours are 3, one JSON object, 7, a place in a log, and 8, a
 * line about containers between those of logs. Any thread may write.
 */
public final class FrameOutput {
  /** The content type of such a stream. */
  public static final String TYPE = "application/vnd.docker.multiplexed-stream";

  public static final int STDOUT = 1;
  public static final int STDERR = 2;
  static final int CONTROL = 3;
  public static final int PLACE = 7;
  public static final int REMARK = 8;

  private final OutputStream output;
  private final ReentrantLock lock = new ReentrantLock();

  public FrameOutput(OutputStream output) {
    this.output = output;
  }

  public void write(int stream, byte[] bytes, int offset, int length) throws IOException {
    byte[] frame = new byte[8 + length];
    head(frame, stream, length);
    System.arraycopy(bytes, offset, frame, 8, length);
    write(frame);
  }

  /** Appends one frame. */
  public static void frame(ByteArrayOutputStream frames, int stream, byte[] bytes) {
    byte[] head = new byte[8];
    head(head, stream, bytes.length);
    frames.writeBytes(head);
    frames.writeBytes(bytes);
  }

  private static void head(byte[] frame, int stream, int length) {
    frame[0] = (byte) stream;
    frame[4] = (byte) (length >>> 24);
    frame[5] = (byte) (length >>> 16);
    frame[6] = (byte) (length >>> 8);
    frame[7] = (byte) length;
  }

  /** Writes whole frames. */
  public void write(byte[] frames) throws IOException {
    lock.lock();
    try {
      output.write(frames, 0, frames.length);
    } finally {
      lock.unlock();
    }
  }

  public void write(int stream, byte[] bytes) throws IOException {
    write(stream, bytes, 0, bytes.length);
  }

  /** Sends one JSON object. */
  public void control(Object members) throws IOException {
    write(CONTROL, JsonText.line(members));
  }
}
