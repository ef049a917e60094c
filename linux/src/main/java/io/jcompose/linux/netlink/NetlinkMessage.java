package io.jcompose.linux.netlink;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** A received netlink message. Immutable. */
public record NetlinkMessage(int type, int flags, int sequence, ByteBuffer body) {
  private static final int TYPE_MASK = 0x3fff;

  public NetlinkMessage {
    ByteBuffer copy = ByteBuffer.allocate(body.remaining()).order(ByteOrder.nativeOrder());
    copy.put(body.duplicate());
    body = copy.flip();
  }

  /**
   * Attributes after a fixed header; of a repeated one the last. Broken lengths end the reading.
   */
  public Map<Integer, byte[]> attributes(int headerBytes) {
    ByteBuffer rest = body.duplicate().order(ByteOrder.nativeOrder());
    rest.position(Math.min(headerBytes, rest.limit()));
    return attributes(rest);
  }

  /** One attribute after a fixed header, the first of its type; null without it. */
  public byte @Nullable [] attribute(int headerBytes, int type) {
    ByteBuffer rest = body.duplicate().order(ByteOrder.nativeOrder());
    rest.position(Math.min(headerBytes, rest.limit()));
    while (rest.remaining() >= 4) {
      int start = rest.position();
      int length = rest.getShort(start) & 0xffff;
      if (length < 4 || length > rest.remaining()) {
        return null;
      }
      if ((rest.getShort(start + 2) & TYPE_MASK) == type) {
        byte[] value = new byte[length - 4];
        rest.get(start + 4, value);
        return value;
      }
      rest.position(Math.min(rest.limit(), (start + length + 3) & ~3));
    }
    return null;
  }

  /** The attributes inside a nested one. */
  public static Map<Integer, byte[]> nested(byte[] value) {
    return attributes(ByteBuffer.wrap(value).order(ByteOrder.nativeOrder()));
  }

  /** The values of a nested attribute that is a list, in their order. */
  public static List<byte[]> list(byte[] value) {
    List<byte[]> items = new ArrayList<>();
    read(ByteBuffer.wrap(value).order(ByteOrder.nativeOrder()), (type, item) -> items.add(item));
    return items;
  }

  public int u32(int offset) {
    return body.getInt(offset);
  }

  public int u8(int offset) {
    return body.get(offset) & 255;
  }

  /** A number in the machine's byte order. */
  public static int u32(byte[] value) {
    return ByteBuffer.wrap(value).order(ByteOrder.nativeOrder()).getInt();
  }

  /** A text without its final zero. */
  public static String text(byte[] value) {
    int length = value.length;
    while (length > 0 && value[length - 1] == 0) {
      length--;
    }
    return new String(value, 0, length, StandardCharsets.UTF_8);
  }

  private static Map<Integer, byte[]> attributes(ByteBuffer rest) {
    Map<Integer, byte[]> attributes = new LinkedHashMap<>();
    read(rest, attributes::put);
    return attributes;
  }

  private static void read(ByteBuffer rest, BiConsumer<Integer, byte[]> each) {
    while (rest.remaining() >= 4) {
      int length = (rest.getShort() & 0xffff) - 4;
      int type = rest.getShort() & TYPE_MASK;
      if (length < 0 || length > rest.remaining()) {
        break;
      }
      byte[] value = new byte[length];
      rest.get(value);
      each.accept(type, value);
      rest.position(Math.min(rest.limit(), (rest.position() + 3) & ~3));
    }
  }
}
