package io.jcompose.linux;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * What man 2 statx tells of one file.
 *
 * @param mode type and permission bits as st_mode
 * @param device the device's number, of a device node (makedev's encoding)
 * @param fileSystem the number of the device that the file is on
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
    long fileSystem) {
  static final int SIZE = 256;
  static final int BASIC_MASK = 0x7ff;
  private static final int TYPE_MASK = 0170000;
  private static final int DIRECTORY = 0040000;
  private static final int REGULAR = 0100000;
  private static final int SYMLINK = 0120000;
  private static final int CHARACTER = 0020000;

  static FileStatus of(byte[] statx) {
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
        device(data.getInt(136), data.getInt(140)));
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

  public boolean isDirectory() {
    return (mode & TYPE_MASK) == DIRECTORY;
  }

  public boolean isRegular() {
    return (mode & TYPE_MASK) == REGULAR;
  }

  public boolean isSymlink() {
    return (mode & TYPE_MASK) == SYMLINK;
  }

  /** True for overlayfs's whiteout, the character device 0:0. */
  public boolean isWhiteout() {
    return (mode & TYPE_MASK) == CHARACTER && device == 0;
  }
}
