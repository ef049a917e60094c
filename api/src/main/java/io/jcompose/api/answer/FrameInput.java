package io.jcompose.api.answer;

import io.jcompose.api.http.HijackedStream;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * The client's standard input out of its frames: kind 0, of which an empty one is the end. Frames
 * of other kinds are passed over.
 */
public final class FrameInput extends InputStream {
  public static final int LONGEST_FRAME = 1024 * 1024;

  private final DataInputStream frames;
  private int left;
  private boolean ended;

  public FrameInput(HijackedStream stream) {
    this.frames = new DataInputStream(new BufferedInputStream(stream.input(), 1 << 16));
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  /**
   * @throws EOFException when the client goes away before the end
   */
  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    while (left == 0 && !ended) {
      int kind = frames.readInt() >>> 24;
      int size = frames.readInt();
      if (size < 0 || size > LONGEST_FRAME) {
        throw new IOException("frame of " + size + " bytes");
      }
      if (kind == 0) {
        left = size;
        ended = size == 0;
      } else {
        frames.skipNBytes(size);
      }
    }
    if (ended || length == 0) {
      return ended ? -1 : 0;
    }
    int count = frames.read(target, offset, Math.min(length, left));
    if (count < 0) {
      throw new EOFException("the client left in the middle of its input");
    }
    left -= count;
    return count;
  }

  /** Takes and drops the rest, so that a client that still writes comes to its end. */
  public void drain() {
    try {
      transferTo(OutputStream.nullOutputStream());
    } catch (IOException e) {
      ended = true; // it has gone, which is an end too
    }
  }
}
