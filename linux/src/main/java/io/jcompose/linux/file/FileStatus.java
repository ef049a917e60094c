package io.jcompose.linux.file;

import static io.jcompose.linux.file.FileSystemCalls.LIBC;

import io.jcompose.linux.KernelException;
import io.jcompose.linux.Libc;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import jnr.constants.platform.Errno;

/**
 * What man 2 statx tells of one file.
 *
 * @param mode type and permission bits as st_mode
 * @param device the device's number, of a device node (makedev's encoding)
 * @param fileSystem the number of the device that the file is on
 * @param isMountRoot something is mounted there, as seen from the directory that it was looked up
 *     in
 */
public record FileStatus(
    int mode,
    int uid,
    int gid,
    long inode,
    int links,
    long sizeBytes,
    long device,
    long mtimeSeconds,
    int mtimeNanos,
    long ctimeSeconds,
    int ctimeNanos,
    long fileSystem,
    boolean isMountRoot) {
  private static final int SIZE = 256;
  private static final int BASIC_MASK = 0x7ff;
  private static final long MOUNT_ROOT = 0x2000; // STATX_ATTR_MOUNT_ROOT
  private static final int TYPE_MASK = 0170000;
  private static final int AT_EMPTY_PATH = 0x1000;
  private static final byte[] ITSELF = {0};

  /** What a file is (man 7 inode). */
  public enum Type {
    REGULAR(0100000, "a regular file"),
    DIRECTORY(0040000, "a directory"),
    SYMLINK(0120000, "a symbolic link"),
    FIFO(0010000, "a FIFO"),
    CHARACTER(0020000, "a character device"),
    BLOCK(0060000, "a block device"),
    SOCKET(0140000, "a socket"),
    OTHER(0, "a file of unknown type");

    private final int bits;
    private final String words;

    Type(int bits, String words) {
      this.bits = bits;
      this.words = words;
    }

    /** For messages, with its article. */
    public String words() {
      return words;
    }

    private static Type of(int mode) {
      for (Type type : values()) {
        if (type.bits == (mode & TYPE_MASK)) {
          return type;
        }
      }
      return OTHER;
    }
  }

  /** Of an open file. */
  public static FileStatus of(int fd, String subject) {
    return of(fd, ITSELF, AT_EMPTY_PATH, subject)
        .orElseThrow(() -> new KernelException("statx", subject, Errno.ENOENT.intValue()));
  }

  /** Of a name in an open directory; empty when there is none. */
  public static Optional<FileStatus> of(int directory, byte[] rawName, int flags, String subject) {
    byte[] result = new byte[SIZE];
    if (LIBC.statx(directory, rawName, flags, BASIC_MASK, result) == 0) {
      return Optional.of(of(result));
    }
    if (Libc.errno() == Errno.ENOENT.intValue()) {
      return Optional.empty();
    }
    throw new KernelException("statx", subject, Libc.errno());
  }

  private static FileStatus of(byte[] statx) {
    ByteBuffer data = ByteBuffer.wrap(statx).order(ByteOrder.nativeOrder());
    return new FileStatus(
        data.getShort(28) & 0xffff,
        data.getInt(20),
        data.getInt(24),
        data.getLong(32),
        data.getInt(16),
        data.getLong(40),
        device(data.getInt(128), data.getInt(132)),
        data.getLong(112),
        data.getInt(120),
        data.getLong(96),
        data.getInt(104),
        device(data.getInt(136), data.getInt(140)),
        (data.getLong(8) & MOUNT_ROOT) != 0);
  }

  /** A device number from its parts, as makedev(3) packs it. */
  public static long device(int major, int minor) {
    return ((long) (major & 0xfff) << 8)
        | (minor & 0xff)
        | ((long) (minor & ~0xff) << 12)
        | ((long) (major & ~0xfff) << 32);
  }

  /** The major part of {@link #device(int, int)}. */
  public static int major(long device) {
    return (int) (((device >>> 8) & 0xfff) | ((device >>> 32) & ~0xfff));
  }

  /** The minor part of {@link #device(int, int)}. */
  public static int minor(long device) {
    return (int) ((device & 0xff) | ((device >>> 12) & ~0xff));
  }

  public Type type() {
    return Type.of(mode);
  }

  /** The permission bits with setuid, setgid and sticky. */
  public int permissions() {
    return mode & ~TYPE_MASK;
  }

  public boolean isDirectory() {
    return type() == Type.DIRECTORY;
  }

  public boolean isRegular() {
    return type() == Type.REGULAR;
  }

  public boolean isSymlink() {
    return type() == Type.SYMLINK;
  }

  /** True for overlayfs's whiteout, the character device 0:0. */
  public boolean isWhiteout() {
    return type() == Type.CHARACTER && device == 0;
  }
}
