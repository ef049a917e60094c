package io.jcompose.api;

import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Docker's stream frames, {@code [stream,0,0,0,length as 32 bits, big end first]} and the bytes: 1
 * standard output, 2 standard error; ours is 3, one JSON object. Any thread may write.
 */
final class FrameOutput {
  static final int STDOUT = 1;
  static final int STDERR = 2;
  static final int CONTROL = 3;

  private final OutputStream output;
  private final ReentrantLock lock = new ReentrantLock();

  FrameOutput(OutputStream output) {
    this.output = output;
  }

  void write(int stream, byte[] bytes, int offset, int length) throws IOException {
    byte[] frame = new byte[8 + length];
    frame[0] = (byte) stream;
    frame[4] = (byte) (length >>> 24);
    frame[5] = (byte) (length >>> 16);
    frame[6] = (byte) (length >>> 8);
    frame[7] = (byte) length;
    System.arraycopy(bytes, offset, frame, 8, length);
    lock.lock();
    try {
      output.write(frame, 0, frame.length);
    } finally {
      lock.unlock();
    }
  }

  void write(int stream, byte[] bytes) throws IOException {
    write(stream, bytes, 0, bytes.length);
  }

  /** Sends one JSON object. */
  void control(Object members) throws IOException {
    write(CONTROL, JsonText.line(members));
  }
}
