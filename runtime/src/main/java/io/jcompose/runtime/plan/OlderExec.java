package io.jcompose.runtime.plan;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * The plan of a further program in version 1 of plans, for shims that an engine before version 4 of
 * the frames has started. They look users up themselves. Built by one thread.
 */
public final class OlderExec {
  private static final int MAGIC = 0x3150434a;
  private static final int VERSION = 1;
  private static final int RLIMIT = 32;
  private static final int CWD = 33;
  private static final int TTY = 34;
  private static final int OOM_SCORE = 35;
  private static final int NO_NEW_PRIVS = 36;
  private static final int SECCOMP = 37;
  private static final int CAPS = 38;
  private static final int USER = 39;
  private static final int EXEC = 40;
  private static final int SYNC = 44;
  private static final int JOIN_TASK = 46;
  private static final int USERNS = 51;
  private static final int APPARMOR = 52;
  private static final int ATTRIBUTE = 53;
  private static final int YIELD = 1;
  private static final int RAISE = 2;

  private final ByteArrayOutputStream plan = new ByteArrayOutputStream();

  public OlderExec() {
    number(plan, MAGIC);
    number(plan, VERSION);
  }

  public OlderExec oomScore(int score) {
    return step(OOM_SCORE, text(Integer.toString(score)));
  }

  /** Only upwards, and the hard one only. */
  public OlderExec raise(ResourceLimit limit) {
    return limit(limit, RAISE);
  }

  public OlderExec limit(ResourceLimit limit) {
    return limit(limit, limit.atMost() ? YIELD : 0);
  }

  private OlderExec limit(ResourceLimit limit, int mode) {
    ByteBuffer numbers = ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN);
    numbers.putInt(limit.resource()).putLong(limit.soft()).putLong(limit.hard()).putInt(mode);
    return step(RLIMIT, numbers.array());
  }

  public OlderExec joinTask(int namespaces) {
    return step(JOIN_TASK, numbers(namespaces));
  }

  public OlderExec sync() {
    return step(SYNC);
  }

  public OlderExec users(int rootUser, int rootGroup) {
    return step(USERNS, numbers(rootUser, rootGroup, 0));
  }

  public OlderExec terminal(int rows, int columns) {
    return step(TTY, numbers(0, rows, columns));
  }

  public OlderExec appArmor(String profile) {
    return step(APPARMOR, text(profile));
  }

  public OlderExec label(String label) {
    return step(ATTRIBUTE, text("exec"), text(label));
  }

  public OlderExec noNewPrivileges() {
    return step(NO_NEW_PRIVS);
  }

  public OlderExec seccomp(byte[] filter) {
    return step(SECCOMP, bytes(filter));
  }

  public OlderExec cwd(String path) {
    return step(CWD, text(path));
  }

  public OlderExec capabilities(long mask) {
    return step(CAPS, numbers((int) mask, (int) (mask >>> 32)));
  }

  public OlderExec user(String user, String group, List<String> more) {
    return step(USER, text(user), text(group), texts(more));
  }

  /** The last step; gives the plan. */
  public byte[] exec(List<String> args, List<String> env) {
    return step(EXEC, numbers(0), texts(args), texts(env)).plan.toByteArray();
  }

  /** The name of a step in a failure that such a shim tells of. */
  public static String nameOf(int code) {
    return switch (code) {
      case RLIMIT -> "RLIMIT";
      case CWD -> "CWD";
      case TTY -> "TTY";
      case OOM_SCORE -> "OOM_SCORE";
      case NO_NEW_PRIVS -> "NO_NEW_PRIVS";
      case SECCOMP -> "SECCOMP";
      case CAPS -> "CAPS";
      case USER -> "USER";
      case EXEC -> "EXEC";
      case SYNC -> "SYNC";
      case JOIN_TASK -> "JOIN_TASK";
      case USERNS -> "USERNS";
      case APPARMOR -> "APPARMOR";
      case ATTRIBUTE -> "ATTRIBUTE";
      default -> "launch";
    };
  }

  private OlderExec step(int code, byte[]... arguments) {
    number(plan, code);
    int length = 0;
    for (byte[] argument : arguments) {
      length += argument.length;
    }
    number(plan, length);
    for (byte[] argument : arguments) {
      plan.writeBytes(argument);
    }
    return this;
  }

  private static void number(ByteArrayOutputStream to, int value) {
    to.writeBytes(numbers(value));
  }

  private static byte[] numbers(int... values) {
    ByteBuffer all =
        ByteBuffer.allocate(values.length * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (int value : values) {
      all.putInt(value);
    }
    return all.array();
  }

  private static byte[] bytes(byte[] value) {
    ByteBuffer all =
        ByteBuffer.allocate(Integer.BYTES + value.length).order(ByteOrder.LITTLE_ENDIAN);
    return all.putInt(value.length).put(value).array();
  }

  private static byte[] text(String value) {
    return bytes((value + '\0').getBytes(StandardCharsets.UTF_8));
  }

  private static byte[] texts(List<String> values) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    number(all, values.size());
    values.forEach(value -> all.writeBytes(text(value)));
    return all.toByteArray();
  }
}
