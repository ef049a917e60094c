package io.jcompose.runtime.plan;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** A part of an operation, as it is sent; its text is for people. Immutable. */
sealed interface Field {
  int length();

  void put(ByteBuffer to);

  record U32(int value) implements Field {
    @Override
    public int length() {
      return Integer.BYTES;
    }

    @Override
    public void put(ByteBuffer to) {
      to.putInt(value);
    }

    @Override
    public String toString() {
      return Integer.toString(value);
    }
  }

  record U64(long value) implements Field {
    @Override
    public int length() {
      return Long.BYTES;
    }

    @Override
    public void put(ByteBuffer to) {
      to.putLong(value);
    }

    @Override
    public String toString() {
      return "0x" + Long.toHexString(value);
    }
  }

  /** With a NUL behind, so that it can be used where it lies. */
  record Text(String value) implements Field {
    @Override
    public int length() {
      return Integer.BYTES + utf8().length + 1;
    }

    @Override
    public void put(ByteBuffer to) {
      byte[] bytes = utf8();
      to.putInt(bytes.length + 1).put(bytes).put((byte) 0);
    }

    private byte[] utf8() {
      return value.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public String toString() {
      return value.isEmpty() || value.indexOf(' ') >= 0 ? '"' + value + '"' : value;
    }
  }

  /**
   * @param words what they mean
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Bytes(byte[] value, String words) implements Field {
    Bytes(byte[] value) {
      this(value, "<" + value.length + " bytes>");
    }

    @Override
    public int length() {
      return Integer.BYTES + value.length;
    }

    @Override
    public void put(ByteBuffer to) {
      to.putInt(value.length).put(value);
    }

    @Override
    public String toString() {
      return words;
    }
  }

  /** Their number, then each. */
  record Texts(List<String> values) implements Field {
    @Override
    public int length() {
      return Integer.BYTES + values.stream().mapToInt(text -> new Text(text).length()).sum();
    }

    @Override
    public void put(ByteBuffer to) {
      to.putInt(values.size());
      values.forEach(text -> new Text(text).put(to));
    }

    @Override
    public String toString() {
      return values.toString();
    }
  }
}
