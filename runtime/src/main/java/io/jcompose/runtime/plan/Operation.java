package io.jcompose.runtime.plan;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import jnr.constants.platform.Errno;
import org.jspecify.annotations.Nullable;

/**
 * An operation of a plan, with the words for its failure: a call of the kernel, or what the shim
 * does itself. Built by one thread.
 */
final class Operation {
  /** For a result that is not needed. */
  static final int NO_REGISTER = -1;

  private static final int LAST_BIT = 63;

  private final Op op;
  private final int step;
  private final String call;
  private final String subject;
  private final @Nullable Syscall syscall; // of a call
  private final List<Field> fields;
  private int result = NO_REGISTER;
  private long may;
  private int skipped;

  private Operation(
      Op op, int step, String call, String subject, @Nullable Syscall syscall, List<Field> fields) {
    this.op = op;
    this.step = step;
    this.call = call;
    this.subject = subject;
    this.syscall = syscall;
    this.fields = List.copyOf(fields);
  }

  /** One of the shim's. */
  static Operation of(Op op, int step, String call, String subject, Field... fields) {
    return new Operation(op, step, call, subject, null, List.of(fields));
  }

  /** A call of the kernel. */
  static Operation call(
      int step, String call, String subject, Syscall syscall, Field... arguments) {
    return new Operation(Op.CALL, step, call, subject, syscall, List.of(arguments));
  }

  Op op() {
    return op;
  }

  /** The number of the step that it is a part of. */
  int step() {
    return step;
  }

  /** The kernel's number of a call; else 0. */
  int number() {
    return syscall == null ? 0 : syscall.number();
  }

  List<Field> fields() {
    return fields;
  }

  int result() {
    return result;
  }

  long may() {
    return may;
  }

  int skipped() {
    return skipped;
  }

  /** What failed, and on what; empty where the shim knows better. */
  String words() {
    return call.isEmpty() ? "" : call + " " + subject;
  }

  /** Keeps the result, a descriptor. */
  Operation into(int register) {
    result = register;
    return this;
  }

  /** These errors are no failure. */
  Operation may(Errno... errors) {
    for (Errno error : errors) {
      may |= 1L << Math.min(error.intValue(), LAST_BIT);
    }
    return this;
  }

  /** No error is a failure. */
  Operation mayFail() {
    may |= ~1L;
    return this;
  }

  /** Success skips what follows, and not an error that it may have. */
  Operation unlessDone(int operations) {
    may |= 1;
    skipped = operations;
    return this;
  }

  /** An error that it may have skips what follows. */
  Operation ifDone(int operations) {
    skipped = operations;
    return this;
  }

  @Override
  public String toString() {
    String name = syscall == null ? op.name().toLowerCase(Locale.ROOT) : syscall.toString();
    return (result == NO_REGISTER ? "" : "r" + result + " = ")
        + Stream.concat(Stream.of(name), fields.stream().map(Field::toString))
            .collect(Collectors.joining(" "))
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
