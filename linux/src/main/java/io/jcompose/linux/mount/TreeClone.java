package io.jcompose.linux.mount;

import io.jcompose.linux.KernelException;
import io.jcompose.linux.Libc;
import io.jcompose.linux.file.OpenFlags;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import jnr.constants.platform.Errno;
import jnr.ffi.Memory;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;

/**
 * Clones a file tree of the host into a mount that is attached nowhere (man 2 open_tree) and seen
 * by nobody else.
 */
final class TreeClone {
  static final int RDONLY = 1;
  static final int NOSUID = 2;
  static final int NODEV = 4;
  static final int NOEXEC = 8;

  private static final Functions LIBC = Libc.load(Functions.class);
  private static final Runtime RUNTIME = Runtime.getSystemRuntime();
  // The same on all architectures (include/uapi/asm-generic/unistd.h).
  private static final int SYS_OPEN_TREE = 428;
  private static final int SYS_OPENAT2 = 437;
  private static final int SYS_MOUNT_SETATTR = 442;
  private static final int CLONE = 1 | OpenFlags.CLOEXEC;
  private static final int AT_RECURSIVE = 0x8000;
  private static final int AT_EMPTY_PATH = 0x1000;
  private static final int RESOLVE_TRIES = 64;
  private static final long RESOLVE_NO_MAGICLINKS = 0x02;
  private static final long RESOLVE_NO_SYMLINKS = 0x04;
  private static final long RESOLVE_IN_ROOT = 0x10;

  private TreeClone() {}

  /**
   * A descriptor of the mount, for the caller to attach or to close.
   *
   * @param source links on the way are followed
   * @param inside a path below it; empty for itself. No link in it is followed: programs that write
   *     there could plant some
   * @param attributes what the mount and all below it get
   * @throws KernelException when the kernel refuses; ENOENT, ELOOP and ENOTDIR for {@code inside}
   */
  static int open(Path source, String inside, int attributes) {
    String path = source.toString();
    if (inside.isEmpty()) {
      return clone(OpenFlags.AT_FDCWD, path, 0, path, attributes);
    }
    int root = LIBC.open(path, OpenFlags.PATH | OpenFlags.DIRECTORY | OpenFlags.CLOEXEC);
    Libc.check(root, "open", path);
    try {
      int found = resolve(root, inside, path);
      try {
        return clone(found, "", AT_EMPTY_PATH, path + "/" + inside, attributes);
      } finally {
        LIBC.close(found);
      }
    } finally {
      LIBC.close(root);
    }
  }

  private static int resolve(int root, String inside, String path) {
    Pointer how = Memory.allocateDirect(RUNTIME, 24, true);
    how.putLong(0, OpenFlags.PATH | OpenFlags.CLOEXEC);
    how.putLong(16, RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS);
    long found = LIBC.syscall(SYS_OPENAT2, root, text(inside), how, 24);
    for (int tries = 0;
        found < 0 && Libc.errno() == Errno.EAGAIN.intValue() && tries < RESOLVE_TRIES;
        tries++) { // a rename on the way
      found = LIBC.syscall(SYS_OPENAT2, root, text(inside), how, 24);
    }
    return (int) Libc.check(found, "openat2", path + "/" + inside);
  }

  private static int clone(int directory, String path, int flags, String subject, int attributes) {
    long all = CLONE | AT_RECURSIVE | flags;
    int tree =
        (int)
            Libc.check(
                LIBC.syscall(SYS_OPEN_TREE, directory, text(path), all), "open_tree", subject);
    if (attributes != 0) {
      Pointer wanted = Memory.allocateDirect(RUNTIME, 32, true);
      wanted.putLong(0, attributes);
      long flagsOf = AT_EMPTY_PATH | AT_RECURSIVE;
      long result = LIBC.syscall(SYS_MOUNT_SETATTR, tree, text(""), flagsOf, wanted, 32);
      int errno = Libc.errno();
      if (result < 0) {
        LIBC.close(tree);
        throw new KernelException("mount_setattr", subject, errno);
      }
    }
    return tree;
  }

  private static Pointer text(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    Pointer memory = Memory.allocateDirect(RUNTIME, bytes.length + 1, true);
    memory.put(0, bytes, 0, bytes.length);
    return memory;
  }

  /** Functions of man 2. */
  public interface Functions {
    int open(String path, int flags);

    int close(int fd);

    long syscall(long number, int fd, Pointer path, long flags);

    long syscall(long number, int fd, Pointer path, Pointer how, long size);

    long syscall(long number, int fd, Pointer path, long flags, Pointer attributes, long size);
  }
}
