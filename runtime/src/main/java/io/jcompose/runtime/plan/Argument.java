package io.jcompose.runtime.plan;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.Collectors;

/** Makes the arguments of calls. */
final class Argument {
  /** In the place of a directory's descriptor: the process's own, or none. */
  static final Field AT_FDCWD = Field.Number.of(-100, () -> "-");

  static final Field NULL = number(0);

  private Argument() {}

  static Field number(long value) {
    return Field.Number.of(value, () -> Long.toString(value));
  }

  static Field octal(int value) {
    return Field.Number.of(value, () -> "0" + Integer.toOctalString(value));
  }

  static Field flags(Flag... flags) {
    return Field.Number.of(valueOf(flags), () -> namesOf(flags));
  }

  static int valueOf(Flag... flags) {
    int value = 0;
    for (Flag flag : flags) {
      value |= flag.value;
    }
    return value;
  }

  static String namesOf(Flag... flags) {
    return Arrays.stream(flags).map(Flag::name).collect(Collectors.joining("|"));
  }

  /** A pointer to a text. */
  static Field text(String value) {
    return new Field.Text(value);
  }

  /** A pointer to a text without its NUL, for calls that are told its length. */
  static Field chars(String value) {
    return bytes(value.getBytes(StandardCharsets.UTF_8), text(value).toString());
  }

  /** A pointer to bytes. */
  static Field bytes(byte[] value, String words) {
    return new Field.Bytes(value, words);
  }

  /** A pointer to a structure. */
  static Field bytes(ByteBuffer structure, String words) {
    return bytes(content(structure), words);
  }

  static byte[] content(ByteBuffer structure) {
    byte[] all = new byte[structure.capacity()];
    structure.get(0, all);
    return all;
  }

  static Field register(int number) {
    return new Field.Register(number);
  }

  /** A pointer into the memory that the kernel may write to. */
  static Field memory(int size) {
    return new Field.Memory(size, 0);
  }

  /** A structure of numbers, in the order of the machine. */
  static ByteBuffer structure(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }
}
