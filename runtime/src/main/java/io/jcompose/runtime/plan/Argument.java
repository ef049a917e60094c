package io.jcompose.runtime.plan;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * An argument of a call: its kind, and what that kind needs. Immutable.
 *
 * @param words for people
 */
record Argument(int kind, List<Field> fields, String words) {
  static final int NUMBER = 1;
  static final int BYTES = 2;
  static final int REGISTER = 3;
  static final int MEMORY = 4;
  static final int PATCHED = 5;
  static final int OCTAL = 6;

  /** In the place of a directory's descriptor: the process's own, or none. */
  static final Argument AT_FDCWD = new Argument(NUMBER, List.of(new Field.U64(-100)), "-");

  static final Argument NULL = number(0);

  static Argument number(long value) {
    return new Argument(NUMBER, List.of(new Field.U64(value)), Long.toString(value));
  }

  static Argument octal(int value) {
    return new Argument(NUMBER, List.of(new Field.U64(value)), "0" + Integer.toOctalString(value));
  }

  static Argument flags(Flag... flags) {
    return new Argument(NUMBER, List.of(new Field.U64(valueOf(flags))), namesOf(flags));
  }

  static int valueOf(Flag... flags) {
    return Arrays.stream(flags).mapToInt(flag -> flag.value).reduce(0, (a, b) -> a | b);
  }

  static String namesOf(Flag... flags) {
    return Arrays.stream(flags).map(Flag::name).collect(Collectors.joining("|"));
  }

  /** A pointer to a text. */
  static Argument text(String value) {
    Field text = new Field.Text(value);
    return new Argument(BYTES, List.of(text), text.toString());
  }

  /** A pointer to a text without its NUL, for calls that are told its length. */
  static Argument chars(String value) {
    byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
    return bytes(bytes, new Field.Text(value).toString());
  }

  /** A pointer to bytes. */
  static Argument bytes(byte[] value, String words) {
    return new Argument(BYTES, List.of(new Field.Bytes(value)), words);
  }

  /** A pointer to a structure. */
  static Argument bytes(ByteBuffer structure, String words) {
    return bytes(content(structure), words);
  }

  static byte[] content(ByteBuffer structure) {
    byte[] all = new byte[structure.capacity()];
    structure.get(0, all);
    return all;
  }

  static Argument register(int number) {
    return new Argument(REGISTER, List.of(new Field.U32(number)), "r" + number);
  }

  /** A pointer into the memory that the kernel may write to. */
  static Argument memory(int size) {
    return new Argument(MEMORY, List.of(new Field.U32(size), new Field.U32(0)), "memory");
  }

  /** A pointer to bytes with a descriptor in them. */
  static Argument patched(ByteBuffer value, int offset, int register, String words) {
    List<Field> fields =
        List.of(new Field.Bytes(content(value)), new Field.U32(offset), new Field.U32(register));
    return new Argument(PATCHED, fields, words + "=r" + register);
  }

  /** A pointer to the octal text of a mode in the memory. */
  static Argument modeIn(int offset) {
    return new Argument(OCTAL, List.of(new Field.U32(offset)), "mode");
  }

  /** A structure of numbers, in the order of the machine. */
  static ByteBuffer structure(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }

  int length() {
    return Integer.BYTES + fields.stream().mapToInt(Field::length).sum();
  }

  void put(ByteBuffer to) {
    to.putInt(kind);
    fields.forEach(field -> field.put(to));
  }

  @Override
  public String toString() {
    return words;
  }
}
