package io.jcompose.linux.mount;

import io.jcompose.linux.KernelException;
import io.jcompose.linux.Libc;
import io.jcompose.linux.file.OpenFlags;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import jnr.constants.platform.Errno;
import jnr.ffi.Memory;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;
import org.jspecify.annotations.Nullable;

/**
 * Makes overlays that are attached nowhere, in the way that the running kernel knows: layer by
 * layer since Linux 6.7, by mount(2) before.
 */
final class OverlayMount {
  private static final Functions LIBC = Libc.load(Functions.class);
  private static final Runtime RUNTIME = Runtime.getSystemRuntime();
  // The same on all architectures (include/uapi/asm-generic/unistd.h).
  private static final int SYS_OPEN_TREE = 428;
  private static final int SYS_FSOPEN = 430;
  private static final int SYS_FSCONFIG = 431;
  private static final int SYS_FSMOUNT = 432;
  private static final int CLOEXEC = 1;
  private static final int FSCONFIG_SET_FLAG = 0;
  private static final int FSCONFIG_SET_STRING = 1;
  private static final int FSCONFIG_CMD_CREATE = 6;
  // Nobody but the engine sees these mounts, and it opens no device and starts nothing. The numbers
  // of man 2 mount and of man 2 fsmount are the same.
  private static final int ATTRIBUTES = TreeClone.NOSUID | TreeClone.NODEV | TreeClone.NOEXEC;
  private static final int O_CLOEXEC = 02000000;
  private static final int O_PATH = 010000000;
  private static final int OPEN_TREE_CLONE_CLOEXEC = 1 | O_CLOEXEC;
  private static final String LAYER = "lowerdir+";

  private OverlayMount() {}

  /**
   * A descriptor of the overlay's mount, for the caller to attach or to close.
   *
   * @param lower layers, topmost first
   * @param upper takes what is written; null for an overlay that cannot be written
   * @param work on the file system of {@code upper}; null as that
   * @throws KernelException when the kernel refuses
   */
  static int make(List<Path> lower, @Nullable Path upper, @Nullable Path work) {
    int context =
        (int) Libc.check(LIBC.syscall(SYS_FSOPEN, text("overlay"), CLOEXEC), "fsopen", "overlay");
    try {
      if (!takesLayers(context, lower.getFirst())) {
        return byMount(lower, upper, work);
      }
      for (Path layer : lower.subList(1, lower.size())) {
        set(context, LAYER, layer.toString());
      }
      if (upper != null && work != null) {
        // A layer of this overlay may be what a running container writes to.
        set(context, "index", "off");
        set(context, "upperdir", upper.toString());
        set(context, "workdir", work.toString());
      }
      Libc.check(config(context, FSCONFIG_CMD_CREATE, null, null), "fsconfig create", "overlay");
      long mount = LIBC.syscall(SYS_FSMOUNT, context, CLOEXEC, attributes(upper));
      return (int) Libc.check(mount, "fsmount", "overlay");
    } finally {
      LIBC.close(context);
    }
  }

  /** Whether the kernel takes layers one by one; nothing is mounted. */
  static boolean takesLayerByLayer() {
    int context =
        (int) Libc.check(LIBC.syscall(SYS_FSOPEN, text("overlay"), CLOEXEC), "fsopen", "overlay");
    try {
      return takesLayers(context, Path.of("/"));
    } finally {
      LIBC.close(context);
    }
  }

  /**
   * Gives the first layer to the kernel if it takes one at a time. Before Linux 6.5 it takes any
   * option, even one without its value, and fails and complains in its log when it mounts.
   */
  private static boolean takesLayers(int context, Path first) {
    if (config(context, FSCONFIG_SET_FLAG, LAYER, null) == 0) {
      return false;
    }
    long result = config(context, FSCONFIG_SET_STRING, LAYER, first.toString());
    if (result < 0 && Libc.errno() == Errno.EINVAL.intValue()) {
      return false;
    }
    Libc.check(result, "fsconfig " + LAYER, first.toString());
    return true;
  }

  private static int attributes(@Nullable Path upper) {
    return upper == null ? ATTRIBUTES | TreeClone.RDONLY : ATTRIBUTES;
  }

  private static void set(int context, String key, String value) {
    Libc.check(config(context, FSCONFIG_SET_STRING, key, value), "fsconfig " + key, value);
  }

  private static long config(
      int context, int command, @Nullable String key, @Nullable String value) {
    return LIBC.syscall(SYS_FSCONFIG, context, command, text(key), text(value), 0);
  }

  /** Over the first layer, where no other thread sees it. */
  static int byMount(List<Path> lower, @Nullable Path upper, @Nullable Path work) {
    String point = lower.getFirst().toString();
    return OwnMounts.call(
        point,
        () -> {
          mount(point, lower, upper, work);
          return (int)
              Libc.check(
                  LIBC.syscall(
                      SYS_OPEN_TREE, OpenFlags.AT_FDCWD, text(point), OPEN_TREE_CLONE_CLOEXEC),
                  "open_tree",
                  point);
        });
  }

  /** By short names, for all options must fit into one page. */
  private static void mount(
      String point, List<Path> lower, @Nullable Path upper, @Nullable Path work) {
    List<Integer> open = new ArrayList<>();
    try {
      String options =
          lower.stream()
              .map(layer -> shortName(layer, open))
              .collect(Collectors.joining(":", "lowerdir=", ""));
      if (upper != null && work != null) {
        options +=
            ",index=off,upperdir=" + shortName(upper, open) + ",workdir=" + shortName(work, open);
      }
      Libc.check(
          LIBC.mount("overlay", point, "overlay", attributes(upper), options),
          "mount overlay",
          point);
    } finally {
      open.forEach(LIBC::close);
    }
  }

  private static String shortName(Path path, List<Integer> open) {
    int fd = Libc.check(LIBC.open(path.toString(), O_PATH | O_CLOEXEC), "open", path.toString());
    open.add(fd);
    return "/proc/self/fd/" + fd;
  }

  private static Pointer text(@Nullable String text) {
    if (text == null) {
      return Pointer.wrap(RUNTIME, 0);
    }
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    Pointer memory = Memory.allocateDirect(RUNTIME, bytes.length + 1, true);
    memory.put(0, bytes, 0, bytes.length);
    return memory;
  }

  /** Functions of man 2. */
  public interface Functions {
    int mount(String source, String target, String type, long flags, String data);

    int open(String path, int flags);

    int close(int fd);

    long syscall(long number, Pointer name, long flags);

    long syscall(long number, int fd, Pointer path, long flags);

    long syscall(long number, int fd, long flags, long attributes);

    long syscall(long number, int fd, long command, Pointer key, Pointer value, long aux);
  }
}
