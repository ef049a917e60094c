package io.jcompose.runtime.plan;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The ordered steps that a shim carries out, each an operation with its arguments; see
 * docs/developers/shim-protocol.md. Built by one thread, then sent.
 */
public final class TaskPlan {
  static final int MAGIC = 0x3150434a;
  static final int VERSION = 1;

  /**
   * Operations by their number in the protocol; the first ones are the shim's, those from 20 its
   * child's.
   */
  public enum Op {
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
    FILE_LABEL(54),
    OWN_SYMLINK(55);

    public final int code;

    Op(int code) {
      this.code = code;
    }

    /** The name of an operation for messages. */
    public static String nameOf(int code) {
      for (Op op : values()) {
        if (op.code == code) {
          return op.name();
        }
      }
      return "launch";
    }
  }

  /** An operation; arguments are Integer, Long, String or byte[]. */
  public record Step(Op op, List<Object> arguments) {}

  private final List<Step> steps = new ArrayList<>(96);

  /** Adds a step. */
  public TaskPlan add(Op op, Object... arguments) {
    steps.add(new Step(op, List.of(arguments)));
    return this;
  }

  /** Adds the steps of another plan. */
  public TaskPlan addAll(TaskPlan other) {
    steps.addAll(other.steps);
    return this;
  }

  public List<Step> steps() {
    return steps;
  }

  /** The protocol's form. */
  public byte[] encode() {
    ByteBuffer all = ByteBuffer.allocate(size()).order(ByteOrder.LITTLE_ENDIAN);
    all.putInt(MAGIC).putInt(VERSION);
    for (Step step : steps) {
      all.putInt(step.op.code).putInt(0);
      int start = all.position();
      step.arguments.forEach(argument -> put(all, argument));
      all.putInt(start - Integer.BYTES, all.position() - start);
    }
    return all.array();
  }

  /** How long it will be: a long one shall be in memory once. */
  private int size() {
    int size = 2 * Integer.BYTES;
    for (Step step : steps) {
      size += 2 * Integer.BYTES;
      for (Object argument : step.arguments) {
        size +=
            switch (argument) {
              case Integer _ -> Integer.BYTES;
              case Long _ -> Long.BYTES;
              case String s -> Integer.BYTES + s.getBytes(StandardCharsets.UTF_8).length + 1;
              case byte[] bytes -> Integer.BYTES + bytes.length;
              default -> throw new IllegalArgumentException("no argument: " + argument.getClass());
            };
      }
    }
    return size;
  }

  private static void put(ByteBuffer to, Object argument) {
    switch (argument) {
      case Integer n -> to.putInt(n);
      case Long n -> to.putLong(n);
      case String s -> {
        byte[] bytes = s.getBytes(StandardCharsets.UTF_8);
        to.putInt(bytes.length + 1).put(bytes).put((byte) 0);
      }
      case byte[] bytes -> to.putInt(bytes.length).put(bytes);
      default -> throw new IllegalArgumentException("no argument: " + argument.getClass());
    }
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
}
