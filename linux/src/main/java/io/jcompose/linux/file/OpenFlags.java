package io.jcompose.linux.file;

/** Flags of man 2 open as the C library's headers of this architecture have them. */
public final class OpenFlags {
  private static final boolean ARM64 = System.getProperty("os.arch").equals("aarch64");

  /** In the place of a directory's descriptor: this process's own directory. */
  public static final int AT_FDCWD = -100;

  static final int WRONLY = 1;
  static final int CREAT = 0100;
  static final int EXCL = 0200;
  static final int NOCTTY = 0400;
  static final int TRUNC = 01000;
  static final int NONBLOCK = 04000;
  public static final int DIRECTORY = ARM64 ? 040000 : 0200000;
  static final int NOFOLLOW = ARM64 ? 0100000 : 0400000;
  public static final int CLOEXEC = 02000000;
  public static final int PATH = 010000000;

  private OpenFlags() {}
}
