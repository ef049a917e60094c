package io.jcompose.linux.mount;

import io.jcompose.linux.KernelException;
import io.jcompose.linux.Libc;
import io.jcompose.linux.file.OpenFlags;
import java.nio.charset.StandardCharsets;
import jnr.constants.platform.Errno;

/**
 * A procfs of the caller's own, attached nowhere. The names below {@code sys/net} of all network
 * namespaces hang in one chain of the mounted procfs, so each lookup there takes longer for every
 * namespace of the host; here there are only those that were looked up. Confined to one thread.
 */
public final class OwnProcfs implements AutoCloseable {
  private static final Functions LIBC = Libc.load(Functions.class);
  // The same on all architectures (include/uapi/asm-generic/unistd.h).
  private static final int SYS_FSOPEN = 430;
  private static final int SYS_FSCONFIG = 431;
  private static final int SYS_FSMOUNT = 432;
  private static final int CLOEXEC = 1;
  private static final int FSCONFIG_CMD_CREATE = 6;
  private static final int ATTRIBUTES = TreeClone.NOSUID | TreeClone.NODEV | TreeClone.NOEXEC;
  private static final int O_WRONLY_CLOEXEC = 1 | OpenFlags.CLOEXEC;

  private final int root;

  private OwnProcfs(int root) {
    this.root = root;
  }

  /**
   * Makes one, or opens {@code /proc} where none can be made, as in a container.
   *
   * @throws KernelException when there is neither
   */
  public static OwnProcfs open() {
    int made = make();
    return new OwnProcfs(
        made >= 0
            ? made
            : Libc.check(
                LIBC.openat(OpenFlags.AT_FDCWD, "/proc", OpenFlags.PATH | OpenFlags.CLOEXEC),
                "open",
                "/proc"));
  }

  private static int make() {
    long context = LIBC.syscall(SYS_FSOPEN, "proc", CLOEXEC);
    if (context < 0) {
      return -1;
    }
    try {
      long created = LIBC.syscall(SYS_FSCONFIG, context, FSCONFIG_CMD_CREATE, 0, 0, 0);
      return created < 0 ? -1 : (int) LIBC.syscall(SYS_FSMOUNT, context, CLOEXEC, ATTRIBUTES);
    } finally {
      LIBC.close((int) context);
    }
  }

  /**
   * Writes a setting of the namespaces that the calling thread is in.
   *
   * @param path below {@code sys}, such as {@code net/ipv4/ip_forward}
   * @return false where the kernel has no such setting
   * @throws KernelException when it does not take the value
   */
  public boolean writeSysctl(String path, String value) {
    String name = "sys/" + path;
    int fd = LIBC.openat(root, name, O_WRONLY_CLOEXEC);
    if (fd < 0 && Libc.errno() == Errno.ENOENT.intValue()) {
      return false;
    }
    Libc.check(fd, "open", name);
    try {
      byte[] bytes = value.getBytes(StandardCharsets.US_ASCII);
      Libc.check(LIBC.write(fd, bytes, bytes.length), "write " + value + " to", name);
      return true;
    } finally {
      LIBC.close(fd);
    }
  }

  @Override
  public void close() {
    LIBC.close(root);
  }

  /** Functions of man 2. */
  public interface Functions {
    long syscall(long number, String name, long flags);

    long syscall(long number, long context, long command, long key, long value, long more);

    long syscall(long number, long context, long flags, long attributes);

    int openat(int directory, String path, int flags);

    long write(int fd, byte[] bytes, long length);

    int close(int fd);
  }
}
