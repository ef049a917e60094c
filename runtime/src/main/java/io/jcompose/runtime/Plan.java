package io.jcompose.runtime;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The ordered steps that a shim carries out, each an operation with its arguments; see
 * docs/shim-protocol.md. Built by one thread, then sent.
 */
final class Plan {
  static final int MAGIC = 0x3150434a;
  static final int VERSION = 1;

  /**
   * Operations by their number in the protocol; the first ones are the shim's, those from 20 its
   * child's.
   */
  enum Op {
    TASK(1),
    META(2),
    NAMESPACE(3),
    CGROUP(4),
    WRITE(5),
    LOG(6),
    RUNTIME(7),
    ROOT_SLAVE(20),
    OVERLAY(21),
    FS(22),
    BIND(23),
    DEVICE(24),
    SYMLINK(25),
    MASK(26),
    READONLY(27),
    SYSCTL(28),
    PIVOT(29),
    HOSTNAME(30),
    DOMAINNAME(31),
    RLIMIT(32),
    CWD(33),
    TTY(34),
    OOM_SCORE(35),
    NO_NEW_PRIVS(36),
    SECCOMP(37),
    CAPS(38),
    USER(39),
    EXEC(40),
    LOOPBACK(41),
    KEYRING(42),
    ROOT_READONLY(43),
    SYNC(44),
    UNSHARE(45),
    JOIN_TASK(46),
    MKDIR(47),
    SOURCE(48),
    COVER(49),
    IDMAP(50),
    USERNS(51),
    APPARMOR(52),
    ATTRIBUTE(53),
    FILE_LABEL(54);

    final int code;

    Op(int code) {
      this.code = code;
    }

    /** The name of an operation for messages. */
    static String nameOf(int code) {
      for (Op op : values()) {
        if (op.code == code) {
          return op.name();
        }
      }
      return "launch";
    }
  }

  /** An operation; arguments are Integer, Long, String or byte[]. */
  record Step(Op op, List<Object> arguments) {}

  private final List<Step> steps = new ArrayList<>(96);

  /** Adds a step. */
  Plan add(Op op, Object... arguments) {
    steps.add(new Step(op, List.of(arguments)));
    return this;
  }

  /** Adds the steps of another plan. */
  Plan addAll(Plan other) {
    steps.addAll(other.steps);
    return this;
  }

  List<Step> steps() {
    return steps;
  }

  /** The protocol's form. */
  byte[] encode() {
    Bytes all = new Bytes(8192);
    all.number(MAGIC);
    all.number(VERSION);
    Bytes one = new Bytes(1024);
    for (Step step : steps) {
      one.reset();
      for (Object argument : step.arguments) {
        one.put(argument);
      }
      all.number(step.op.code);
      all.number(one.size());
      one.appendTo(all);
    }
    return all.toByteArray();
  }

  /** One line a step, for people and tests; bytes are shown by their length. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    for (Step step : steps) {
      text.append(step.op);
      for (Object argument : step.arguments) {
        text.append(' ');
        switch (argument) {
          case byte[] bytes -> text.append('<').append(bytes.length).append(" bytes>");
          case String s when s.isEmpty() || s.indexOf(' ') >= 0 ->
              text.append('"').append(s).append('"');
          case Long n -> text.append("0x").append(Long.toHexString(n));
          default -> text.append(argument);
        }
      }
      text.append('\n');
    }
    return text.toString();
  }

  private static final class Bytes extends ByteArrayOutputStream {
    Bytes(int size) {
      super(size);
    }

    void number(int value) {
      write(value);
      write(value >>> 8);
      write(value >>> 16);
      write(value >>> 24);
    }

    void put(Object argument) {
      switch (argument) {
        case Integer n -> number(n);
        case Long n -> {
          number(n.intValue());
          number((int) (n >>> 32));
        }
        case String s -> {
          byte[] bytes = s.getBytes(StandardCharsets.UTF_8);
          number(bytes.length + 1);
          write(bytes, 0, bytes.length);
          write(0);
        }
        case byte[] bytes -> {
          number(bytes.length);
          write(bytes, 0, bytes.length);
        }
        default -> throw new IllegalArgumentException("no plan argument: " + argument.getClass());
      }
    }

    void appendTo(Bytes other) {
      other.write(buf, 0, count);
    }
  }
}
