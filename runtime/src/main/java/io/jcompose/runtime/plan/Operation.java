package io.jcompose.runtime.plan;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import jnr.constants.platform.Errno;

/** An operation of a plan, with the words for its failure. Built by one thread. */
abstract sealed class Operation {
  /** For a result that is not needed. */
  static final int NO_REGISTER = -1;

  private final Op op;
  private final int step;
  private final String call;
  private final String subject;

  private Operation(Op op, int step, String call, String subject) {
    this.op = op;
    this.step = step;
    this.call = call;
    this.subject = subject;
  }

  /** The number of the step that it is a part of. */
  int step() {
    return step;
  }

  /** What failed, and on what; empty where the shim knows better. */
  String words() {
    return call.isEmpty() ? "" : call + " " + subject;
  }

  abstract int argumentsLength();

  abstract void putArguments(ByteBuffer to);

  int length() {
    return 2 * Integer.BYTES + argumentsLength();
  }

  void put(ByteBuffer to) {
    to.putInt(op.code).putInt(argumentsLength());
    putArguments(to);
  }

  /** One of fields alone. */
  static final class Plain extends Operation {
    private final List<Field> fields;

    Plain(Op op, int step, String call, String subject, Field... fields) {
      super(op, step, call, subject);
      this.fields = List.of(fields);
    }

    @Override
    int argumentsLength() {
      return fields.stream().mapToInt(Field::length).sum();
    }

    @Override
    void putArguments(ByteBuffer to) {
      fields.forEach(field -> field.put(to));
    }

    @Override
    public String toString() {
      return Stream.concat(
              Stream.of(super.op.name().toLowerCase(Locale.ROOT)),
              fields.stream().map(Field::toString))
          .collect(Collectors.joining(" "));
    }
  }

  /** A call of the kernel. */
  static final class Call extends Operation {
    private static final int HEAD = 5 * Integer.BYTES;
    private static final int LAST_BIT = 63;

    private final Syscall syscall;
    private final List<Argument> arguments;
    private int result = NO_REGISTER;
    private long may;
    private int skipped;

    Call(int step, String call, String subject, Syscall syscall, Argument... arguments) {
      super(Op.CALL, step, call, subject);
      this.syscall = syscall;
      this.arguments = List.of(arguments);
    }

    /** Keeps the result, a descriptor. */
    Call into(int register) {
      result = register;
      return this;
    }

    /** These errors are no failure. */
    Call may(Errno... errors) {
      for (Errno error : errors) {
        may |= 1L << Math.min(error.intValue(), LAST_BIT);
      }
      return this;
    }

    /** No error is a failure. */
    Call mayFail() {
      may |= ~1L;
      return this;
    }

    /** Success skips what follows, and not an error that it may have. */
    Call unlessDone(int operations) {
      may |= 1;
      skipped = operations;
      return this;
    }

    /** An error that it may have skips what follows. */
    Call ifDone(int operations) {
      skipped = operations;
      return this;
    }

    @Override
    int argumentsLength() {
      return HEAD + arguments.stream().mapToInt(Argument::length).sum();
    }

    @Override
    void putArguments(ByteBuffer to) {
      to.putInt(syscall.number()).putInt(result).putLong(may).putInt(skipped);
      arguments.forEach(argument -> argument.put(to));
    }

    @Override
    public String toString() {
      String text =
          (result == NO_REGISTER ? "" : "r" + result + " = ")
              + syscall
              + arguments.stream().map(a -> " " + a).collect(Collectors.joining());
      return text
          + errors()
          + (skipped == 0 ? "" : (may & 1) == 1 ? ", done" : ", else")
          + (skipped == 0 ? "" : " skip " + skipped);
    }

    private String errors() {
      if ((may | 1) == -1L) {
        return ", may fail";
      }
      String names =
          Arrays.stream(Errno.values())
              .filter(e -> e.defined() && e.intValue() > 0 && e.intValue() < LAST_BIT)
              .filter(e -> (may >>> e.intValue() & 1) == 1)
              .map(Errno::name)
              .distinct()
              .sorted()
              .collect(Collectors.joining(" or "));
      return (names.isEmpty() ? "" : ", may " + names) + (may < 0 ? ", may others" : "");
    }
  }
}
