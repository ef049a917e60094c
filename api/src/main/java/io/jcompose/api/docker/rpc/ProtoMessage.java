package io.jcompose.api.docker.rpc;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A message of protobuf's wire format (protobuf.dev, Encoding), read without its description: what
 * a field is, its reader says. A field that is not there is 0, empty or the empty message.
 * Immutable.
 */
public final class ProtoMessage {
  private static final int VARINT = 0;
  private static final int FIXED_64 = 1;
  private static final int LENGTH = 2;
  private static final int FIXED_32 = 5;
  private static final int MOST_FIELDS = 20_000;
  private static final byte[] EMPTY = {};

  private final Map<Integer, List<Long>> numbers = new HashMap<>();
  private final Map<Integer, List<byte[]>> parts = new HashMap<>();

  private ProtoMessage() {}

  /**
   * @throws RpcFailure (INVALID_ARGUMENT) for what is no message
   */
  public static ProtoMessage parse(byte[] bytes) {
    ProtoMessage message = new ProtoMessage();
    Input in = new Input(bytes);
    for (int fields = 0; in.at < bytes.length; fields++) {
      if (fields == MOST_FIELDS) {
        throw malformed();
      }
      long key = in.varint();
      int field = (int) (key >>> 3);
      switch ((int) (key & 7)) {
        case VARINT ->
            message.numbers.computeIfAbsent(field, f -> new ArrayList<>()).add(in.varint());
        case LENGTH ->
            message.parts.computeIfAbsent(field, f -> new ArrayList<>()).add(in.part(in.varint()));
        case FIXED_64 -> in.part(Long.BYTES);
        case FIXED_32 -> in.part(Integer.BYTES);
        default -> throw malformed();
      }
    }
    return message;
  }

  private static RpcFailure malformed() {
    return new RpcFailure(RpcFailure.INVALID_ARGUMENT, "malformed message");
  }

  public long number(int field) {
    List<Long> all = numbers.getOrDefault(field, List.of());
    return all.isEmpty() ? 0 : all.getLast();
  }

  public boolean flag(int field) {
    return number(field) != 0;
  }

  public String text(int field) {
    return new String(bytes(field), StandardCharsets.UTF_8);
  }

  public List<String> texts(int field) {
    return parts.getOrDefault(field, List.of()).stream()
        .map(part -> new String(part, StandardCharsets.UTF_8))
        .toList();
  }

  public boolean has(int field) {
    return parts.containsKey(field);
  }

  public byte[] bytes(int field) {
    List<byte[]> all = parts.getOrDefault(field, List.of());
    return all.isEmpty() ? EMPTY : all.getLast();
  }

  public ProtoMessage message(int field) {
    return parse(bytes(field));
  }

  public List<ProtoMessage> messages(int field) {
    return parts.getOrDefault(field, List.of()).stream().map(ProtoMessage::parse).toList();
  }

  /** A map of texts, in its order. */
  public Map<String, String> map(int field) {
    Map<String, String> map = new LinkedHashMap<>();
    messages(field).forEach(entry -> map.put(entry.text(1), entry.text(2)));
    return map;
  }

  /** A map of texts to messages, in its order. */
  public Map<String, ProtoMessage> messageMap(int field) {
    Map<String, ProtoMessage> map = new LinkedHashMap<>();
    messages(field).forEach(entry -> map.put(entry.text(1), entry.message(2)));
    return map;
  }

  /** A map of texts to bytes, in its order. */
  public Map<String, byte[]> bytesMap(int field) {
    Map<String, byte[]> map = new LinkedHashMap<>();
    messages(field).forEach(entry -> map.put(entry.text(1), entry.bytes(2)));
    return map;
  }

  /** Where reading is. */
  private static final class Input {
    private static final int LONGEST_VARINT = 10;

    private final byte[] bytes;
    private int at;

    Input(byte[] bytes) {
      this.bytes = bytes;
    }

    long varint() {
      long value = 0;
      for (int i = 0; i < LONGEST_VARINT && at < bytes.length; i++) {
        byte next = bytes[at++];
        value |= (long) (next & 0x7f) << (7 * i);
        if (next >= 0) {
          return value;
        }
      }
      throw malformed();
    }

    byte[] part(long length) {
      if (length < 0 || length > bytes.length - at) {
        throw malformed();
      }
      at += (int) length;
      return Arrays.copyOfRange(bytes, at - (int) length, at);
    }
  }
}
