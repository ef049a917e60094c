package io.jcompose.runtime.device;

import io.jcompose.core.JcomposeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * A device node's kind, numbers and owner.
 *
 * @param mode type and permission bits as in man 7 inode
 */
public record DeviceNumber(int mode, int major, int minor, int uid, int gid) {
  private static final int TYPE_MASK = 0170000;
  private static final int BLOCK = 0060000;
  private static final int CHARACTER = 0020000;

  /** Looks a node up by its path on the host, through symbolic links. */
  public static DeviceNumber of(String path) {
    try {
      return read(Path.of(path))
          .orElseThrow(
              () ->
                  new JcomposeException.InvalidArgument(
                      "error gathering device information while adding custom device \""
                          + path
                          + "\": not a device node"));
    } catch (IOException e) {
      throw new JcomposeException.InvalidArgument(
          "error gathering device information while adding custom device \""
              + path
              + "\": no such file or directory");
    }
  }

  /** The node there, through symbolic links; empty when it is something else. */
  public static Optional<DeviceNumber> read(Path path) throws IOException {
    Map<String, Object> found = Files.readAttributes(path, "unix:mode,rdev,uid,gid");
    int mode = (Integer) value(found, "mode");
    int type = mode & TYPE_MASK;
    if (type != BLOCK && type != CHARACTER) {
      return Optional.empty();
    }
    long rdev = (Long) value(found, "rdev");
    return Optional.of(
        new DeviceNumber(
            mode,
            major(rdev),
            minor(rdev),
            (Integer) value(found, "uid"),
            (Integer) value(found, "gid")));
  }

  /** The number in a dev_t, whose pieces lie apart (man 3 makedev). */
  static int major(long rdev) {
    return (int) (((rdev >>> 8) & 0xfff) | ((rdev >>> 32) & 0xfffff000L));
  }

  static int minor(long rdev) {
    return (int) ((rdev & 0xff) | ((rdev >>> 12) & 0xffffff00L));
  }

  private static Object value(Map<String, Object> attributes, String name) {
    return Objects.requireNonNull(attributes.get(name), name);
  }

  boolean isBlock() {
    return (mode & TYPE_MASK) == BLOCK;
  }

  @Override
  public String toString() {
    return major + ":" + minor;
  }
}
