package io.jcompose.linux.mount;

import io.jcompose.linux.KernelException;
import io.jcompose.linux.Libc;
import io.jcompose.linux.file.ForeignFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import jnr.ffi.Memory;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;

/** File systems in memory, mounted on directories of the engine's own (man 5 tmpfs). */
public final class MemoryMount {
  private static final Functions LIBC = Libc.load(Functions.class);
  private static final Runtime RUNTIME = Runtime.getSystemRuntime();
  private static final int MNT_DETACH = 2;
  private static final int NOSUID = 2;
  private static final int NODEV = 4;
  // man 2 mount; the words are those of man 8 mount
  private static final Map<String, Integer> FLAGS =
      Map.ofEntries(
          Map.entry("ro", 1),
          Map.entry("nosuid", NOSUID),
          Map.entry("nodev", NODEV),
          Map.entry("noexec", 8),
          Map.entry("sync", 16),
          Map.entry("dirsync", 128),
          Map.entry("noatime", 1 << 10),
          Map.entry("nodiratime", 1 << 11),
          Map.entry("relatime", 1 << 21),
          Map.entry("strictatime", 1 << 24));
  private static final Map<String, Integer> CLEARED =
      Map.of("rw", 0, "exec", 0, "defaults", 0, "async", 0, "", 0, "suid", NOSUID, "dev", NODEV);

  private MemoryMount() {}

  /**
   * Mounts an empty file system. It has neither devices nor setuid programs unless the options say
   * {@code dev} or {@code suid}.
   *
   * @param options comma-separated words of man 8 mount and man 5 tmpfs; may be empty
   * @throws KernelException EINVAL for options that the kernel does not take
   */
  public static void mount(Path directory, String options) {
    int flags = NOSUID | NODEV;
    List<String> data = new ArrayList<>();
    for (String option : options.split(",", -1)) {
      if (FLAGS.containsKey(option)) {
        flags |= FLAGS.get(option);
      } else if (CLEARED.containsKey(option)) {
        flags &= ~CLEARED.get(option);
      } else {
        data.add(option);
      }
    }
    int result =
        LIBC.mount(
            text("tmpfs"),
            text(directory.toString()),
            text("tmpfs"),
            flags,
            text(String.join(",", data)));
    Libc.check(result, "mount tmpfs with \"" + options + "\" on", directory.toString());
  }

  /** Unmounts it; who still uses it keeps it until then. */
  public static void unmount(Path directory) {
    int result = LIBC.umount2(text(directory.toString()), MNT_DETACH);
    Libc.check(result, "umount", directory.toString());
  }

  /** True when something is mounted on the directory, which must exist and not be the root. */
  public static boolean isMounted(Path directory) {
    try (ForeignFile own = ForeignFile.at(directory);
        ForeignFile parent = ForeignFile.at(directory.resolveSibling("."))) {
      return own.status().fileSystem() != parent.status().fileSystem();
    }
  }

  private static Pointer text(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    Pointer memory = Memory.allocateDirect(RUNTIME, bytes.length + 1, true);
    memory.put(0, bytes, 0, bytes.length);
    return memory;
  }

  /** Functions of man 2. */
  public interface Functions {
    int mount(Pointer source, Pointer target, Pointer type, long flags, Pointer data);

    int umount2(Pointer target, int flags);
  }
}
