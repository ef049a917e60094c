package io.jcompose.api.docker.session;

import io.jcompose.core.build.ImageFiles;

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

  static ImageFiles.Type type(int mode) {
    if ((mode & DIRECTORY) != 0) {
      return ImageFiles.Type.FOLDER;
    }
    if ((mode & SYMLINK) != 0) {
      return ImageFiles.Type.LINK;
    }
    if ((mode & NAMED_PIPE) != 0) {
      return ImageFiles.Type.PIPE;
    }
    return (mode & OTHERS) != 0 ? ImageFiles.Type.OTHER : ImageFiles.Type.REGULAR;
  }

  /** Of a file with these permissions (man 2 chmod). */
  static int of(ImageFiles.Type type, int permissions) {
    int kind =
        switch (type) {
          case FOLDER -> DIRECTORY;
          case LINK -> SYMLINK;
          case PIPE -> NAMED_PIPE;
          case REGULAR, OTHER -> 0;
        };
    return kind
        | (permissions & PERMISSIONS)
        | ((permissions & 04000) != 0 ? SET_UID : 0)
        | ((permissions & 02000) != 0 ? SET_GID : 0)
        | ((permissions & 01000) != 0 ? STICKY : 0);
  }

  /** The bits that the kernel has for it (man 2 chmod). */
  static int permissions(int mode) {
    return (mode & PERMISSIONS)
        | ((mode & SET_UID) != 0 ? 04000 : 0)
        | ((mode & SET_GID) != 0 ? 02000 : 0)
        | ((mode & STICKY) != 0 ? 01000 : 0);
  }
}
