package io.jcompose.api.docker.rpc;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;

/**
 * Writes a message of protobuf's wire format (protobuf.dev, Encoding), its fields in the order of
 * the calls; a number that is 0 and a text that is empty are left out. Confined to one thread.
 */
public final class ProtoWriter {
  private static final int VARINT = 0;
  private static final int LENGTH = 2;
  private static final int LOW = 0x7f;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  public ProtoWriter number(int field, long value) {
    if (value != 0) {
      varint(((long) field << 3) | VARINT);
      varint(value);
    }
    return this;
  }

  public ProtoWriter flag(int field, boolean value) {
    return number(field, value ? 1 : 0);
  }

  public ProtoWriter text(int field, String value) {
    return value.isEmpty() ? this : bytes(field, value.getBytes(StandardCharsets.UTF_8));
  }

  /** Written also when it is empty, as what is in a list is. */
  public ProtoWriter bytes(int field, byte[] value) {
    varint(((long) field << 3) | LENGTH);
    varint(value.length);
    out.writeBytes(value);
    return this;
  }

  public ProtoWriter message(int field, ProtoWriter value) {
    return bytes(field, value.toBytes());
  }

  /** A map of texts. */
  public ProtoWriter map(int field, Map<String, String> entries) {
    entries.forEach((key, value) -> message(field, new ProtoWriter().text(1, key).text(2, value)));
    return this;
  }

  /** A {@code google.protobuf.Timestamp}. */
  public ProtoWriter time(int field, Instant time) {
    return message(
        field, new ProtoWriter().number(1, time.getEpochSecond()).number(2, time.getNano()));
  }

  public byte[] toBytes() {
    return out.toByteArray();
  }

  private void varint(long value) {
    long left = value;
    while ((left & ~LOW) != 0) {
      out.write((int) ((left & LOW) | (LOW + 1)));
      left >>>= 7;
    }
    out.write((int) left);
  }
}
