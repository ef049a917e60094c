package io.jcompose.runtime.device;

import io.jcompose.core.JcomposeException;
import io.jcompose.linux.KernelException;
import io.jcompose.linux.Libc;
import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import jnr.constants.platform.Errno;
import jnr.ffi.Memory;
import jnr.ffi.Pointer;
import jnr.ffi.annotations.In;

/**
 * Attaches device filters to groups of the unified cgroup hierarchy: man 2 bpf. Loading a program
 * costs a millisecond, attaching it some microseconds, so the standard one is loaded once. One per
 * runtime; safe for many threads. A group keeps its filter when this is closed.
 */
public final class DeviceGuard implements AutoCloseable {
  private static final int SYS_BPF = System.getProperty("os.arch").equals("aarch64") ? 280 : 321;
  private static final int PROG_LOAD = 5;
  private static final int PROG_ATTACH = 8;
  private static final int TYPE_CGROUP_DEVICE = 15;
  private static final int ATTACH_CGROUP_DEVICE = 6;
  private static final int ALLOW_MULTI = 2;
  private static final int LOAD_SIZE = 64;
  private static final int NAME_OFFSET = 48;
  private static final int ATTACH_SIZE = 20;
  private static final int O_DIRECTORY_CLOEXEC =
      (System.getProperty("os.arch").equals("aarch64") ? 040000 : 0200000) | 02000000;

  private static final Functions LIBC = Libc.load(Functions.class);

  /** Guards nothing. */
  public static final DeviceGuard NONE = new DeviceGuard(-1);

  private final int standard;

  /** Functions under their C names. */
  public interface Functions {
    long syscall(long number, int command, @In byte[] attributes, int size);

    int open(String path, int flags);

    int close(int fd);
  }

  private DeviceGuard(int standard) {
    this.standard = standard;
  }

  /** Loads the standard filter; a kernel without such filters gives a guard that does nothing. */
  public static DeviceGuard open() {
    return new DeviceGuard(load(DeviceRule.STANDARD).orElse(-1));
  }

  /** False when the kernel has no device filters by eBPF, or this process may not load them. */
  public boolean works() {
    return standard >= 0;
  }

  /** Gives the group a filter that allows the rules only; everything needs none. */
  public void attach(Path group, List<DeviceRule> rules) {
    if (rules.equals(DeviceRule.EVERYTHING)) {
      return;
    }
    if (rules.equals(DeviceRule.STANDARD)) {
      attach(group, standard);
      return;
    }
    int program =
        load(rules)
            .orElseThrow(
                () ->
                    new JcomposeException.Internal(
                        "failed to load the device filter of "
                            + group
                            + ": "
                            + KernelException.name(Libc.errno())));
    try {
      attach(group, program);
    } finally {
      LIBC.close(program);
    }
  }

  private static OptionalInt load(List<DeviceRule> rules) {
    byte[] code = DeviceFilter.compile(rules);
    byte[] license = "Apache\0".getBytes(StandardCharsets.US_ASCII);
    Pointer memory =
        Memory.allocateDirect(
            jnr.ffi.Runtime.getSystemRuntime(), code.length + license.length, false);
    memory.put(0, code, 0, code.length);
    memory.put(code.length, license, 0, license.length);
    byte[] attributes = new byte[LOAD_SIZE];
    ByteBuffer.wrap(attributes)
        .order(ByteOrder.nativeOrder())
        .putInt(TYPE_CGROUP_DEVICE)
        .putInt(code.length / 8)
        .putLong(memory.address())
        .putLong(memory.address() + code.length)
        .put(NAME_OFFSET, "jcompose_device".getBytes(StandardCharsets.US_ASCII));
    try {
      int fd = call(PROG_LOAD, attributes);
      return fd < 0 ? OptionalInt.empty() : OptionalInt.of(fd);
    } finally {
      Reference.reachabilityFence(memory);
    }
  }

  private static void attach(Path group, int program) {
    int directory = LIBC.open(group.toString(), O_DIRECTORY_CLOEXEC);
    Libc.check(directory, "open", group.toString());
    try {
      byte[] attributes = new byte[ATTACH_SIZE];
      ByteBuffer.wrap(attributes)
          .order(ByteOrder.nativeOrder())
          .putInt(directory)
          .putInt(program)
          .putInt(ATTACH_CGROUP_DEVICE)
          .putInt(ALLOW_MULTI);
      Libc.check(call(PROG_ATTACH, attributes), "bpf PROG_ATTACH", group.toString());
    } finally {
      LIBC.close(directory);
    }
  }

  private static int call(int command, byte[] attributes) {
    int again = Errno.EAGAIN.intValue(); // the verifier yields to a pending signal
    for (int tries = 0; ; tries++) {
      int result = (int) LIBC.syscall(SYS_BPF, command, attributes, attributes.length);
      if (result >= 0 || Libc.errno() != again || tries == 5) {
        return result;
      }
    }
  }

  @Override
  public void close() {
    if (standard >= 0) {
      LIBC.close(standard);
    }
  }
}
