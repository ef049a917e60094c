package io.jcompose.images.layer;

import java.io.IOException;
import java.io.InputStream;

/**
 * A zstd stream whose frames are looked at as they pass (RFC 8878 section 3.1): what a frame needs
 * to be inflated is asked for before it comes, for a stream has any number of them, each with a
 * window of its own. What is no zstd passes as it is. Confined to one thread.
 */
final class ZstdFrames extends InputStream {
  private static final int MAGIC = 0xfd2fb528;
  private static final int SKIPPABLE = 0x184d2a50;
  private static final int SKIPPABLE_MASK = 0xfffffff0;
  private static final int HEADER_LIMIT = 18;
  private static final int CHECKSUM = 4;
  private static final int RLE = 1;
  private static final int RESERVED = 3;

  private final InputStream in;
  private final Room room;
  private final byte[] header = new byte[HEADER_LIMIT];
  private int headerLength;
  private int headerAt;
  private long left; // of what passes without a look
  private boolean inFrame;
  private boolean checksum;

  /** Where memory is asked for. */
  interface Room {
    /** Waits for it; called before each frame with content. */
    void take(long windowBytes) throws IOException;
  }

  ZstdFrames(InputStream in, Room room) {
    this.in = in;
    this.room = room;
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
    if (headerAt == headerLength && left == 0) {
      begin();
    }
    if (headerAt < headerLength) {
      int count = Math.min(length, headerLength - headerAt);
      System.arraycopy(header, headerAt, target, offset, count);
      headerAt += count;
      return count;
    }
    int count = left == 0 ? -1 : in.read(target, offset, (int) Math.min(length, left));
    left -= Math.max(0, count);
    return count;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }

  /** A stream that ends in a header is for the decoder to refuse. */
  private void begin() throws IOException {
    headerAt = 0;
    headerLength = 0;
    if (inFrame) {
      beginBlock();
    } else {
      beginFrame();
    }
  }

  private void beginFrame() throws IOException {
    if (!more(4)) {
      return;
    }
    int magic = (int) number(0, 4);
    if ((magic & SKIPPABLE_MASK) == SKIPPABLE) {
      left = more(4) ? number(4, 4) : 0;
    } else if (magic != MAGIC) {
      left = Long.MAX_VALUE;
    } else if (more(1)) {
      int descriptor = header[4] & 0xff;
      boolean single = (descriptor & 0x20) != 0;
      int dictionary = new int[] {0, 1, 2, 4}[descriptor & 3];
      int sizeFlag = descriptor >> 6;
      int size = sizeFlag == 0 && !single ? 0 : 1 << sizeFlag;
      if (more((single ? 0 : 1) + dictionary + size)) {
        room.take(single ? contentBytes(5 + dictionary, size) : windowBytes(header[5] & 0xff));
        checksum = (descriptor & 4) != 0;
        inFrame = true;
      }
    }
  }

  private long contentBytes(int at, int size) {
    long content = number(at, size) + (size == 2 ? 256 : 0);
    return content < 0 ? Long.MAX_VALUE : content;
  }

  private static long windowBytes(int descriptor) {
    long base = 1L << (10 + (descriptor >> 3));
    return base + base / 8 * (descriptor & 7);
  }

  private void beginBlock() throws IOException {
    if (!more(3)) {
      return;
    }
    int block = (int) number(0, 3);
    int type = block >> 1 & 3;
    left = type == RLE ? 1 : block >> 3;
    if ((block & 1) != 0) {
      inFrame = false;
      left += checksum ? CHECKSUM : 0;
    }
    if (type == RESERVED) {
      left = Long.MAX_VALUE;
    }
  }

  private boolean more(int bytes) throws IOException {
    int count = in.readNBytes(header, headerLength, bytes);
    headerLength += count;
    return count == bytes;
  }

  /** Little-endian. */
  private long number(int at, int bytes) {
    long value = 0;
    for (int i = bytes - 1; i >= 0; i--) {
      value = value << 8 | (header[at + i] & 0xff);
    }
    return value;
  }
}
