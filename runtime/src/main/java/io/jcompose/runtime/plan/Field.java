package io.jcompose.runtime.plan;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Supplier;

/** An argument of an operation; its text is for people. Immutable. */
sealed interface Field {
  /** The letter by which the shim knows what it is: docs/developers/shim-protocol.md. */
  char kind();

  /** Its value; what it points to is put into the data. */
  long valueIn(PlanData data);

  /**
   * A number.
   *
   * @param bytes how long it is in plans of version 2; 0 where they have none
   * @param words made when they are wanted, which is seldom
   */
  record Number(long value, int bytes, Supplier<String> words) implements Field {
    static Number of(int value) {
      return new Number(value, Integer.BYTES, () -> Integer.toString(value));
    }

    static Number of(long value, Supplier<String> words) {
      return new Number(value, Long.BYTES, words);
    }

    @Override
    public char kind() {
      return 'n';
    }

    @Override
    public long valueIn(PlanData data) {
      return value;
    }

    @Override
    public String toString() {
      return words.get();
    }
  }

  /** The descriptor in a register; none where the number is negative. */
  record Register(int number) implements Field {
    private static final int NONE = 0xffff; // shim.h, NO_REGISTER

    @Override
    public char kind() {
      return 'r';
    }

    @Override
    public long valueIn(PlanData data) {
      return number < 0 ? NONE : number;
    }

    @Override
    public String toString() {
      return number < 0 ? "-" : "r" + number;
    }
  }

  /** A part of the memory that the kernel writes to. */
  record Memory(int bytes, int at) implements Field {
    @Override
    public char kind() {
      return 'm';
    }

    @Override
    public long valueIn(PlanData data) {
      return (long) bytes << Integer.SIZE | at;
    }

    @Override
    public String toString() {
      return at == 0 ? "memory" : "memory+" + at;
    }
  }

  /** The number of two bytes at a place in the memory. */
  record Half(int at) implements Field {
    @Override
    public char kind() {
      return 'w';
    }

    @Override
    public long valueIn(PlanData data) {
      return at;
    }

    @Override
    public String toString() {
      return "half+" + at;
    }
  }

  /** With a NUL behind, so that it can be used where it lies. */
  record Text(String value) implements Field {
    byte[] bytes() {
      return (value + '\0').getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public char kind() {
      return 'd';
    }

    @Override
    public long valueIn(PlanData data) {
      return data.text(value);
    }

    @Override
    public String toString() {
      return value.isEmpty() || value.indexOf(' ') >= 0 ? '"' + value + '"' : value;
    }
  }

  /**
   * Bytes; those of the same array are the same bytes.
   *
   * @param at from which of them on
   * @param words what they mean
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Bytes(byte[] value, int at, String words) implements Field {
    Bytes(byte[] value, String words) {
      this(value, 0, words);
    }

    @Override
    public char kind() {
      return 'd';
    }

    @Override
    public long valueIn(PlanData data) {
      return data.bytes(value) + at;
    }

    @Override
    public String toString() {
      return words;
    }
  }

  record Texts(List<String> values) implements Field {
    public Texts {
      values = List.copyOf(values);
    }

    @Override
    public char kind() {
      return 'l';
    }

    @Override
    public long valueIn(PlanData data) {
      return data.list(values);
    }

    @Override
    public String toString() {
      return values.toString();
    }
  }
}
