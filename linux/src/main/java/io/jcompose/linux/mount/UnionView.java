package io.jcompose.linux.mount;

import io.jcompose.linux.KernelException;
import io.jcompose.linux.Libc;
import io.jcompose.linux.file.DirectoryFd;
import io.jcompose.linux.file.ForeignFile;
import io.jcompose.linux.file.OpenFlags;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import jnr.constants.platform.Errno;
import jnr.ffi.Memory;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;

/**
 * A union of directories, looked at from outside any mount tree: nothing of it can be seen by other
 * processes and nothing is left when the process dies. Paths are resolved as if the union were the
 * root, so that links in it cannot lead out, and no device in it can be opened.
 */
public final class UnionView implements AutoCloseable {
  /** Functions of man 2. */
  public interface Functions {
    long syscall(long number, int fd, Pointer path, Pointer how, long size);

    int close(int fd);
  }

  private static final Functions LIBC = Libc.load(Functions.class);
  private static final Runtime RUNTIME = Runtime.getSystemRuntime();

  // Numbers shared by all architectures since Linux 5.0's unified table
  // (include/uapi/asm-generic/unistd.h).
  private static final int SYS_OPENAT2 = 437;

  private static final int RESOLVE_NO_MAGICLINKS = 0x02;
  private static final int RESOLVE_IN_ROOT = 0x10;
  private static final int READ_ONLY =
      TreeClone.RDONLY | TreeClone.NOSUID | TreeClone.NODEV | TreeClone.NOEXEC;

  private int fd; // -1 when closed

  private UnionView(int fd) {
    this.fd = fd;
  }

  /**
   * Opens the union.
   *
   * @param layers directories, topmost first; at least one
   * @throws KernelException when the kernel refuses
   */
  public static UnionView open(List<Path> layers) {
    return new UnionView(
        layers.size() == 1
            ? TreeClone.open(layers.getFirst(), "", READ_ONLY)
            : OverlayMount.make(layers, null, null));
  }

  /**
   * Opens a union that can be written to.
   *
   * @param lower topmost first; at least one
   * @param upper takes what is written; nothing else mounts it meanwhile
   * @param work overlayfs's own directory, on the file system of {@code upper}
   * @throws KernelException when the kernel refuses
   */
  public static UnionView open(List<Path> lower, Path upper, Path work) {
    return new UnionView(OverlayMount.make(lower, upper, work));
  }

  /** The root directory; the caller closes it. */
  public DirectoryFd root() {
    try (ForeignFile root = find("/").orElseThrow()) {
      return DirectoryFd.of(root);
    }
  }

  /** The file at a path inside the union, links followed inside it; empty when there is none. */
  public Optional<ForeignFile> find(String path) {
    Pointer how = Memory.allocateDirect(RUNTIME, 24, true);
    how.putLong(0, OpenFlags.PATH | OpenFlags.CLOEXEC);
    how.putLong(16, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
    long found = LIBC.syscall(SYS_OPENAT2, fd, text(path), how, 24);
    if (found < 0
        && (Libc.errno() == Errno.ENOENT.intValue() || Libc.errno() == Errno.ENOTDIR.intValue())) {
      return Optional.empty();
    }
    return Optional.of(ForeignFile.of((int) Libc.check(found, "openat2", path), path));
  }

  @Override
  public void close() {
    int open = fd;
    fd = -1;
    if (open >= 0) {
      LIBC.close(open);
    }
  }

  private static Pointer text(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    Pointer memory = Memory.allocateDirect(RUNTIME, bytes.length + 1, true);
    memory.put(0, bytes, 0, bytes.length);
    return memory;
  }
}
