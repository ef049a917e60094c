package io.jcompose.linux;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import jnr.constants.platform.Errno;
import jnr.ffi.Memory;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;

/**
 * A read-only union of directories, looked at from outside any mount tree: nothing of it can be
 * seen by other processes and nothing is left when the process dies. Paths are resolved as if the
 * union were the root, so that links in it cannot lead out.
 */
public final class UnionView implements AutoCloseable {
  /** Functions of man 2. */
  public interface Functions {
    long syscall(long number, int fd, Pointer path, Pointer how, long size);

    int open(String path, int flags);

    int close(int fd);
  }

  private static final Functions LIBC = Libc.load(Functions.class);
  private static final Runtime RUNTIME = Runtime.getSystemRuntime();

  // Numbers shared by all architectures since Linux 5.0's unified table
  // (include/uapi/asm-generic/unistd.h).
  private static final int SYS_OPENAT2 = 437;

  private static final int RESOLVE_NO_MAGICLINKS = 0x02;
  private static final int RESOLVE_IN_ROOT = 0x10;

  private final int fd;

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
    if (layers.size() == 1) {
      return new UnionView(openDirectory(layers.getFirst().toString()));
    }
    return new UnionView(OverlayMount.make(layers, null, null));
  }

  /**
   * The file or directory at a path inside the union, links followed inside it, as a host path that
   * stays valid until the returned entry is closed; empty when there is none.
   */
  public Optional<Entry> find(String path) {
    Pointer how = Memory.allocateDirect(RUNTIME, 24, true);
    how.putLong(0, OpenFlags.PATH | OpenFlags.CLOEXEC);
    how.putLong(16, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
    long found = LIBC.syscall(SYS_OPENAT2, fd, text(path), how, 24);
    if (found < 0
        && (Libc.errno() == Errno.ENOENT.intValue() || Libc.errno() == Errno.ENOTDIR.intValue())) {
      return Optional.empty();
    }
    return Optional.of(new Entry((int) Libc.check(found, "openat2", path)));
  }

  @Override
  public void close() {
    LIBC.close(fd);
  }

  private static int openDirectory(String path) {
    return Libc.check(
        LIBC.open(path, OpenFlags.PATH | OpenFlags.DIRECTORY | OpenFlags.CLOEXEC), "open", path);
  }

  private static Pointer text(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    Pointer memory = Memory.allocateDirect(RUNTIME, bytes.length + 1, true);
    memory.put(0, bytes, 0, bytes.length);
    return memory;
  }

  /** An open file or directory of the union. */
  public static final class Entry implements AutoCloseable {
    private final int fd;

    private Entry(int fd) {
      this.fd = fd;
    }

    /**
     * A path to it for as long as it is open. Ends with a link: add {@code /.} to walk a directory.
     */
    public Path path() {
      return Path.of("/proc/self/fd/" + fd);
    }

    @Override
    public void close() {
      LIBC.close(fd);
    }
  }
}
