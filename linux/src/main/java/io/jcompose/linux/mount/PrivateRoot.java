package io.jcompose.linux.mount;

import io.jcompose.linux.KernelException;
import io.jcompose.linux.Libc;
import io.jcompose.linux.file.DirectoryFd;
import io.jcompose.linux.file.FileStatus;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import jnr.constants.platform.Errno;
import jnr.ffi.Memory;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;
import org.jspecify.annotations.Nullable;

/**
 * A container's root file system, put together in a mount namespace that no process is in: held by
 * two descriptors, seen by nobody else, and gone with them, also when this process dies. Owned by
 * the caller, who closes it.
 */
public final class PrivateRoot implements AutoCloseable {
  private static final Functions LIBC = Libc.load(Functions.class);
  private static final Runtime RUNTIME = Runtime.getSystemRuntime();
  private static final int SYS_MOVE_MOUNT = 429;
  private static final int TRIES = 100;
  private static final int SYS_OPENAT2 = 437;
  private static final int O_CLOEXEC = 02000000;
  private static final int O_PATH = 010000000;
  private static final int MOVE_EMPTY_PATHS = 0x04 | 0x40;
  private static final long IN_ROOT = 0x10 | 0x02;

  private final DirectoryFd root;
  private int namespace; // -1 when closed

  private PrivateRoot(int namespace, DirectoryFd root) {
    this.namespace = namespace;
    this.root = root;
  }

  /**
   * What is put together.
   *
   * @param lower layers, topmost first
   * @param upper takes what is written; null keeps writes in memory until the view is closed
   * @param work overlayfs's own directory, on the file system of {@code upper}; null as that
   * @param binds further host directories and files, in their order
   */
  public record Layout(
      List<Path> lower, @Nullable Path upper, @Nullable Path work, List<Bind> binds) {
    public Layout {
      lower = List.copyOf(lower);
      binds = List.copyOf(binds);
    }
  }

  /**
   * A host path shown at a target inside; a target that is missing is made.
   *
   * @param inside a path below {@code source} to show in its place, without any symbolic link;
   *     empty for itself
   */
  public record Bind(Path source, String inside, String target, boolean readOnly) {
    private int attributes() {
      int all = TreeClone.NOSUID | TreeClone.NODEV | TreeClone.NOEXEC;
      return readOnly ? all | TreeClone.RDONLY : all;
    }
  }

  /**
   * Makes the view, on a thread of its own, for a thread takes its mount namespace with it.
   *
   * @param mountPoint an existing directory; what is mounted there is not seen outside
   * @throws KernelException when the kernel refuses
   */
  public static PrivateRoot open(Layout layout, Path mountPoint) {
    return OwnMounts.call(mountPoint.toString(), () -> make(layout, mountPoint));
  }

  /** The root directory; closed with this. */
  public DirectoryFd root() {
    return root;
  }

  @Override
  public void close() {
    root.close();
    int open = namespace;
    namespace = -1;
    if (open >= 0) {
      LIBC.close(open);
    }
  }

  private static PrivateRoot make(Layout layout, Path mountPoint) {
    List<Integer> open = new ArrayList<>(); // what is attached stays without them
    DirectoryFd root = null;
    try {
      for (Bind bind : layout.binds) {
        open.add(TreeClone.open(bind.source, bind.inside, bind.attributes()));
      }
      int point = keep(open(mountPoint.toString(), O_PATH | O_CLOEXEC), open);
      attach(keep(overlay(layout, mountPoint), open), point);
      root = DirectoryFd.open(mountPoint);
      for (int i = 0; i < layout.binds.size(); i++) {
        bind(open.get(i), layout.binds.get(i), root);
      }
      return new PrivateRoot(open("/proc/thread-self/ns/mnt", O_CLOEXEC), root);
    } catch (RuntimeException e) {
      if (root != null) {
        root.close();
      }
      throw e;
    } finally {
      open.forEach(LIBC::close);
    }
  }

  private static int keep(int fd, List<Integer> open) {
    open.add(fd);
    return fd;
  }

  /** What is written goes to a tmpfs that nobody sees, if to no upper directory. */
  private static int overlay(Layout layout, Path mountPoint) {
    if (layout.upper != null) {
      return OverlayMount.make(layout.lower, layout.upper, layout.work);
    }
    Libc.check(
        LIBC.mount("tmpfs", mountPoint.toString(), "tmpfs", 0, "mode=0700"),
        "mount tmpfs",
        mountPoint.toString());
    Path upper = mountPoint.resolve("upper");
    Path work = mountPoint.resolve("work");
    try (DirectoryFd memory = DirectoryFd.open(mountPoint)) {
      memory.mkdir("upper".getBytes(StandardCharsets.US_ASCII), 0755);
      memory.mkdir("work".getBytes(StandardCharsets.US_ASCII), 0700);
    }
    return OverlayMount.make(layout.lower, upper, work);
  }

  private static void bind(int tree, Bind bind, DirectoryFd root) {
    int target = find(root, bind.target);
    if (target < 0) {
      if (FileStatus.of(tree, bind.target).isDirectory()) {
        makeDirectories(root, bind.target);
      } else {
        makeFile(root, bind.target);
      }
      target = find(root, bind.target);
    }
    // Still missing below a link into nowhere: the container cannot start either.
    if (target >= 0) {
      try {
        attach(tree, target);
      } finally {
        LIBC.close(target);
      }
    }
  }

  /**
   * A descriptor of what is there, which is the caller's; -1 when nothing is.
   *
   * @throws KernelException when it cannot be said: ENOTDIR, ELOOP among others
   */
  private static int find(DirectoryFd root, String path) {
    Pointer how = Memory.allocateDirect(RUNTIME, 24, true);
    how.putLong(0, O_PATH | O_CLOEXEC);
    how.putLong(16, IN_ROOT);
    long found = -1;
    int errno = Errno.EAGAIN.intValue();
    // A rename somewhere on the way makes the kernel give up; man 2 openat2 says to try again.
    for (int tries = 0; found < 0 && errno == Errno.EAGAIN.intValue() && tries < TRIES; tries++) {
      found = LIBC.syscall(SYS_OPENAT2, root.fd(), text(path), how, 24);
      errno = Libc.errno();
    }
    boolean missing = found < 0 && errno == Errno.ENOENT.intValue();
    return missing ? -1 : (int) Libc.check(found, "openat2", path);
  }

  private static void makeDirectories(DirectoryFd root, String path) {
    String done = "";
    for (String part : path.split("/")) {
      if (part.isEmpty()) {
        continue;
      }
      try (DirectoryFd parent = root.openInRoot(done.getBytes(StandardCharsets.UTF_8))) {
        byte[] name = part.getBytes(StandardCharsets.UTF_8);
        if (parent.stat(name).isEmpty()) {
          parent.mkdir(name, 0755);
        }
      }
      done += "/" + part;
    }
  }

  private static void makeFile(DirectoryFd root, String path) {
    int slash = path.lastIndexOf('/');
    String directory = path.substring(0, slash);
    makeDirectories(root, directory);
    try (DirectoryFd parent = root.openInRoot(directory.getBytes(StandardCharsets.UTF_8))) {
      byte[] name = path.substring(slash + 1).getBytes(StandardCharsets.UTF_8);
      if (parent.stat(name).isEmpty()) {
        parent.createFile(name, 0755).close(); // as the start of a container would
      }
    }
  }

  private static void attach(int mount, int target) {
    Libc.check(
        LIBC.syscall(SYS_MOVE_MOUNT, mount, text(""), target, text(""), MOVE_EMPTY_PATHS),
        "move_mount",
        "private root");
  }

  private static int open(String path, int flags) {
    return Libc.check(LIBC.open(path, flags), "open", path);
  }

  private static Pointer text(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    Pointer memory = Memory.allocateDirect(RUNTIME, bytes.length + 1, true);
    memory.put(0, bytes, 0, bytes.length);
    return memory;
  }

  /** Functions of man 2. */
  public interface Functions {
    int mount(String source, String target, String type, long flags, @Nullable String data);

    int open(String path, int flags);

    int close(int fd);

    long syscall(long number, int fd, Pointer path, Pointer how, long size);

    long syscall(long number, int from, Pointer fromPath, int to, Pointer toPath, long flags);
  }
}
