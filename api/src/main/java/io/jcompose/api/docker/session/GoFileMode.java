package io.jcompose.api.docker.session;

/** What Go says of a file in one number (pkg.go.dev/io/fs, FileMode). */
final class GoFileMode {
  private static final int DIRECTORY = 1 << 31;
  private static final int SYMLINK = 1 << 27;
  private static final int NAMED_PIPE = 1 << 25;
  private static final int OTHERS = 1 << 26 | 1 << 24 | 1 << 21 | 1 << 19;
  private static final int SET_UID = 1 << 23;
  private static final int SET_GID = 1 << 22;
  private static final int STICKY = 1 << 20;
  private static final int PERMISSIONS = 0777;

  private GoFileMode() {}

  /** What it is. */
  enum Type {
    REGULAR,
    FOLDER,
    LINK,
    PIPE,
    OTHER
  }

  static Type type(int mode) {
    if ((mode & DIRECTORY) != 0) {
      return Type.FOLDER;
    }
    if ((mode & SYMLINK) != 0) {
      return Type.LINK;
    }
    if ((mode & NAMED_PIPE) != 0) {
      return Type.PIPE;
    }
    return (mode & OTHERS) != 0 ? Type.OTHER : Type.REGULAR;
  }

  /** The bits that the kernel has for it (man 2 chmod). */
  static int permissions(int mode) {
    return (mode & PERMISSIONS)
        | ((mode & SET_UID) != 0 ? 04000 : 0)
        | ((mode & SET_GID) != 0 ? 02000 : 0)
        | ((mode & STICKY) != 0 ? 01000 : 0);
  }
}
