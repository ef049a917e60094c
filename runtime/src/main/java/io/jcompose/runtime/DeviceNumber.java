package io.jcompose.runtime;

import io.jcompose.core.JcomposeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A device node's kind and numbers.
 *
 * @param mode type and permission bits as in man 7 inode
 */
record DeviceNumber(int mode, int major, int minor) {
  private static final int TYPE_MASK = 0170000;
  private static final int BLOCK = 0060000;
  private static final int CHARACTER = 0020000;

  /** Looks a node up by its path on the host. */
  static DeviceNumber of(String path) {
    try {
      int mode = (Integer) Files.getAttribute(Path.of(path), "unix:mode");
      int type = mode & TYPE_MASK;
      if (type != BLOCK && type != CHARACTER) {
        throw new JcomposeException.InvalidArgument(
            "error gathering device information while adding custom device \""
                + path
                + "\": not a device node");
      }
      long rdev = (Long) Files.getAttribute(Path.of(path), "unix:rdev");
      int major = (int) (((rdev >>> 8) & 0xfff) | ((rdev >>> 32) & 0xfffff000L));
      int minor = (int) ((rdev & 0xff) | ((rdev >>> 12) & 0xffffff00L));
      return new DeviceNumber(mode, major, minor);
    } catch (IOException e) {
      throw new JcomposeException.InvalidArgument(
          "error gathering device information while adding custom device \""
              + path
              + "\": no such file or directory");
    }
  }

  boolean isBlock() {
    return (mode & TYPE_MASK) == BLOCK;
  }

  @Override
  public String toString() {
    return major + ":" + minor;
  }
}
