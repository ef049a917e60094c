package io.jcompose.linux.file;

import static io.jcompose.linux.file.FileSystemCalls.LIBC;

import io.jcompose.linux.Libc;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Set;

/** The file systems that show the kernel's own state, as /proc and /sys do. */
final class KernelState {
  private static final int STATFS_SIZE = 256;
  // man 2 statfs: proc, sysfs, cgroup, cgroup2, devpts, mqueue, debugfs, tracefs, bpf, securityfs
  private static final Set<Long> MAGICS =
      Set.of(
          0x9fa0L,
          0x62656572L,
          0x27e0ebL,
          0x63677270L,
          0x1cd1L,
          0x19800202L,
          0x64626720L,
          0x74726163L,
          0xcafe4a11L,
          0x73636673L);

  private KernelState() {}

  /** True when a descriptor's file is on one of them; it may be open with O_PATH. */
  static boolean shows(int fd, String name) {
    byte[] result = new byte[STATFS_SIZE];
    Libc.check(LIBC.fstatfs(fd, result), "fstatfs", name);
    return MAGICS.contains(ByteBuffer.wrap(result).order(ByteOrder.nativeOrder()).getLong(0));
  }
}
