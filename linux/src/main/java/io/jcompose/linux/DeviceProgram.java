package io.jcompose.linux;

import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import jnr.constants.platform.Errno;
import jnr.ffi.Memory;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;
import jnr.ffi.annotations.In;

/**
 * An eBPF program in the kernel that says which devices a group of the unified cgroup hierarchy may
 * use (man 2 bpf, BPF_PROG_TYPE_CGROUP_DEVICE). Safe for many threads. A group keeps its program
 * when this is closed.
 */
public final class DeviceProgram implements AutoCloseable {
  private static final boolean IS_ARM = System.getProperty("os.arch").equals("aarch64");
  private static final int SYS_BPF = IS_ARM ? 280 : 321;
  private static final int PROG_LOAD = 5;
  private static final int PROG_ATTACH = 8;
  private static final int TYPE_CGROUP_DEVICE = 15;
  private static final int ATTACH_CGROUP_DEVICE = 6;
  private static final int ALLOW_MULTI = 2;
  private static final int INSTRUCTION_BYTES = 8;
  private static final int LOAD_SIZE = 64;
  private static final int NAME_OFFSET = 48;
  private static final int ATTACH_SIZE = 20;
  private static final int O_DIRECTORY_CLOEXEC = (IS_ARM ? 040000 : 0200000) | 02000000;
  private static final int TRIES = 6;

  private static final Functions LIBC = Libc.load(Functions.class);

  private final int fd;

  /** Functions under their C names. */
  public interface Functions {
    long syscall(long number, int command, @In byte[] attributes, int size);

    int open(String path, int flags);

    int close(int fd);
  }

  private DeviceProgram(int fd) {
    this.fd = fd;
  }

  /**
   * Gives a program to the kernel, which checks it.
   *
   * @param code instructions of eBPF
   * @param subject whom it is for, in messages
   */
  public static DeviceProgram load(byte[] code, String subject) {
    byte[] license = "Apache\0".getBytes(StandardCharsets.US_ASCII);
    Pointer memory =
        Memory.allocateDirect(Runtime.getSystemRuntime(), code.length + license.length, false);
    memory.put(0, code, 0, code.length);
    memory.put(code.length, license, 0, license.length);
    byte[] attributes = new byte[LOAD_SIZE];
    ByteBuffer.wrap(attributes)
        .order(ByteOrder.nativeOrder())
        .putInt(TYPE_CGROUP_DEVICE)
        .putInt(code.length / INSTRUCTION_BYTES)
        .putLong(memory.address())
        .putLong(memory.address() + code.length)
        .put(NAME_OFFSET, "jcompose_device".getBytes(StandardCharsets.US_ASCII));
    try {
      return new DeviceProgram(Libc.check(call(PROG_LOAD, attributes), "bpf PROG_LOAD", subject));
    } finally {
      Reference.reachabilityFence(memory);
    }
  }

  /** Adds it to what the group may not use already; takes some microseconds. */
  public void attach(Path group) {
    int directory = LIBC.open(group.toString(), O_DIRECTORY_CLOEXEC);
    Libc.check(directory, "open", group.toString());
    try {
      byte[] attributes = new byte[ATTACH_SIZE];
      ByteBuffer.wrap(attributes)
          .order(ByteOrder.nativeOrder())
          .putInt(directory)
          .putInt(fd)
          .putInt(ATTACH_CGROUP_DEVICE)
          .putInt(ALLOW_MULTI);
      Libc.check(call(PROG_ATTACH, attributes), "bpf PROG_ATTACH", group.toString());
    } finally {
      LIBC.close(directory);
    }
  }

  private static int call(int command, byte[] attributes) {
    int again = Errno.EAGAIN.intValue(); // the verifier yields to a pending signal
    int result = -1;
    for (int tries = 0; tries < TRIES; tries++) {
      result = (int) LIBC.syscall(SYS_BPF, command, attributes, attributes.length);
      if (result >= 0 || Libc.errno() != again) {
        break;
      }
    }
    return result;
  }

  @Override
  public void close() {
    LIBC.close(fd);
  }
}
