package io.jcompose.linux.netlink;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * One or more netlink messages in the kernel's byte layout (man 7 netlink), to be sent in one call.
 * Write a message between {@link #begin} and {@link #end}; a nested attribute between {@link #nest}
 * and {@link #endNest}. Confined to one thread.
 */
public final class NetlinkBatch {
  public static final int REQUEST = 1;
  public static final int ACK = 4;
  public static final int DUMP = 0x300;
  public static final int REPLACE = 0x100;
  public static final int EXCL = 0x200;
  public static final int CREATE = 0x400;
  public static final int APPEND = 0x800;

  private static final int HEADER_BYTES = 16;
  private static final int NESTED = 0x8000;

  private final List<String> subjects = new ArrayList<>();
  private ByteBuffer buffer = ByteBuffer.allocate(1024).order(ByteOrder.nativeOrder());
  private int start;
  private int expectedAcks;

  /**
   * Starts a message. Its sequence number is its position in the batch, from 1.
   *
   * @param subject what the message does, for the error
   */
  public NetlinkBatch begin(int type, int flags, String subject) {
    start = buffer.position();
    subjects.add(subject);
    if ((flags & ACK) != 0) {
      expectedAcks++;
    }
    return u32(0).u16(type).u16(flags | REQUEST).u32(subjects.size()).u32(0);
  }

  /** Ends the message. */
  public NetlinkBatch end() {
    buffer.putInt(start, buffer.position() - start);
    return this;
  }

  /**
   * Has the kernel acknowledge the message that was written last: of a batch that takes effect as a
   * whole one acknowledgement says all, and failures come without being asked for.
   */
  public NetlinkBatch ackLast() {
    int flags = start + 6;
    buffer.putShort(flags, (short) (buffer.getShort(flags) | ACK));
    expectedAcks++;
    return this;
  }

  public NetlinkBatch u8(int value) {
    room(1).put((byte) value);
    return this;
  }

  /** In the machine's byte order. */
  public NetlinkBatch u16(int value) {
    room(2).putShort((short) value);
    return this;
  }

  /** In network byte order. */
  public NetlinkBatch be16(int value) {
    return u8(value >>> 8).u8(value);
  }

  /** In the machine's byte order. */
  public NetlinkBatch u32(int value) {
    room(4).putInt(value);
    return this;
  }

  public NetlinkBatch attr(int type, byte[] value) {
    u16(4 + value.length).u16(type);
    room(value.length).put(value);
    return pad();
  }

  public NetlinkBatch attr(int type, String value) {
    return attr(type, (value + "\0").getBytes(StandardCharsets.UTF_8));
  }

  public NetlinkBatch attr8(int type, int value) {
    return u16(5).u16(type).u8(value).pad();
  }

  /** In the machine's byte order. */
  public NetlinkBatch attr32(int type, int value) {
    return u16(8).u16(type).u32(value);
  }

  /** In network byte order, as nfnetlink wants numbers. */
  public NetlinkBatch attrBe32(int type, int value) {
    return u16(8).u16(type).be16(value >>> 16).be16(value);
  }

  /** Opens a nested attribute; the result goes to {@link #endNest}. */
  public int nest(int type) {
    int mark = buffer.position();
    u16(0).u16(type | NESTED);
    return mark;
  }

  public NetlinkBatch endNest(int mark) {
    buffer.putShort(mark, (short) (buffer.position() - mark));
    return this;
  }

  public boolean isEmpty() {
    return subjects.isEmpty();
  }

  /** The bytes written so far. */
  public byte[] bytes() {
    return Arrays.copyOf(buffer.array(), buffer.position());
  }

  int expectedAcks() {
    return expectedAcks;
  }

  int length() {
    return buffer.position();
  }

  void copyTo(ByteBuffer target) {
    target.put(buffer.array(), 0, buffer.position());
  }

  String subject(int sequence) {
    return sequence >= 1 && sequence <= subjects.size()
        ? subjects.get(sequence - 1)
        : subjects.isEmpty() ? "" : subjects.getFirst();
  }

  static int headerBytes() {
    return HEADER_BYTES;
  }

  private NetlinkBatch pad() {
    while ((buffer.position() & 3) != 0) {
      u8(0);
    }
    return this;
  }

  private ByteBuffer room(int bytes) {
    if (buffer.remaining() < bytes) {
      ByteBuffer larger =
          ByteBuffer.allocate(Math.max(buffer.capacity() * 2, buffer.position() + bytes))
              .order(ByteOrder.nativeOrder());
      larger.put(buffer.flip());
      buffer = larger;
    }
    return buffer;
  }
}
