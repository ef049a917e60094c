package io.jcompose.linux.file;

import static io.jcompose.linux.file.FileSystemCalls.LIBC;

import io.jcompose.core.JcomposeException;
import io.jcompose.linux.KernelException;
import io.jcompose.linux.Libc;
import java.util.Set;
import jnr.constants.platform.Errno;

/**
 * Limits of what directory trees may hold, by quotas of projects (man 2 quotactl, type PRJQUOTA): a
 * directory belongs to a project, and so does all that is made in it. Needs a file system that
 * counts by project (xfs mounted with pquota, ext4 with prjquota) and Linux 5.14. Stateless; two
 * that look for a free project at the same time must exclude each other.
 */
public final class ProjectQuota {
  private static final int SYS_QUOTACTL_FD = 443; // the same on every architecture
  private static final int PRJQUOTA = 2;
  private static final int Q_GETQUOTA = 0x800007;
  private static final int Q_SETQUOTA = 0x800008;
  private static final int HARD_LIMIT = 0; // in struct if_dqblk, of nine longs
  private static final int VALID = 8;
  private static final long QIF_BLIMITS = 1;
  private static final int BLOCK_BYTES = 1024;
  // linux/fs.h: struct fsxattr is xflags, extsize, nextents, projid, and 12 bytes more
  private static final long FS_IOC_FSGETXATTR = 0x801c581fL;
  private static final long FS_IOC_FSSETXATTR = 0x401c5820L;
  private static final int FS_XFLAG_PROJINHERIT = 0x200;
  private static final int PROJECT = 3;
  private static final Set<Errno> WITHOUT =
      Set.of(Errno.ENOSYS, Errno.ESRCH, Errno.ENOTTY, Errno.EOPNOTSUPP, Errno.EINVAL);

  /** The first of our projects; those of people are small numbers. */
  private static final int OURS = 0x40000000;

  private ProjectQuota() {}

  /**
   * Refuses a file system that cannot limit trees.
   *
   * @throws JcomposeException.NotSupported in words of Docker's
   */
  public static void check(DirectoryFd directory, String path) {
    try {
      hardLimit(directory, OURS);
    } catch (KernelException e) {
      if (WITHOUT.stream().noneMatch(e::is)) {
        throw e;
      }
      throw new JcomposeException.NotSupported(
          "storage_opt is supported only over xfs with 'pquota' or ext4 with 'prjquota' as mount"
              + " option, which "
              + path
              + " has not ("
              + e.getMessage()
              + ")");
    }
  }

  /** Gives a limit of its own to directories that are empty; 1 KiB is the unit. */
  public static void limit(long bytes, DirectoryFd... directories) {
    int project = OURS;
    while (hardLimit(directories[0], project) != 0) {
      project++;
    }
    set(directories[0], project, (bytes + BLOCK_BYTES - 1) / BLOCK_BYTES);
    for (DirectoryFd directory : directories) {
      int[] attributes = attributes(directory);
      attributes[0] |= FS_XFLAG_PROJINHERIT;
      attributes[PROJECT] = project;
      Libc.check(
          LIBC.ioctl(directory.fd(), FS_IOC_FSSETXATTR, attributes), "FS_IOC_FSSETXATTR", "");
    }
  }

  /** The project of a directory that has a limit by {@link #limit}; 0 is none. */
  public static int of(DirectoryFd directory) {
    int[] attributes = new int[7];
    boolean known = LIBC.ioctl(directory.fd(), FS_IOC_FSGETXATTR, attributes) == 0;
    return known && attributes[PROJECT] >= OURS ? attributes[PROJECT] : 0;
  }

  /** Makes a project free again, by any directory of its file system. */
  public static void free(DirectoryFd directory, int project) {
    set(directory, project, 0);
  }

  private static int[] attributes(DirectoryFd directory) {
    int[] attributes = new int[7];
    Libc.check(LIBC.ioctl(directory.fd(), FS_IOC_FSGETXATTR, attributes), "FS_IOC_FSGETXATTR", "");
    return attributes;
  }

  private static long hardLimit(DirectoryFd directory, int project) {
    long[] quota = new long[9];
    try {
      call(directory, Q_GETQUOTA, project, quota);
    } catch (KernelException e) {
      if (!e.is(Errno.ENOENT)) { // xfs knows only the projects that something belongs to
        throw e;
      }
    }
    return quota[HARD_LIMIT];
  }

  private static void set(DirectoryFd directory, int project, long blocks) {
    long[] quota = new long[9];
    quota[HARD_LIMIT] = blocks;
    quota[VALID] = QIF_BLIMITS;
    call(directory, Q_SETQUOTA, project, quota);
  }

  private static void call(DirectoryFd directory, int command, int project, long[] quota) {
    int encoded = command << 8 | PRJQUOTA;
    long result = LIBC.syscall(SYS_QUOTACTL_FD, directory.fd(), encoded, project, quota);
    Libc.check(result, "quotactl_fd", "project " + project);
  }
}
