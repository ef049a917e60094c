package io.jcompose.images;

import io.jcompose.core.JcomposeException;
import io.jcompose.linux.file.DirectoryFd;
import io.jcompose.linux.file.DirectoryNames;
import io.jcompose.linux.file.FileStatus;
import java.util.List;
import java.util.Optional;

/**
 * Gives files of a tree that are younger than a moment that moment, so that the same work gives the
 * same layer whenever it is done. Goes by descriptors and follows no link. Stateless.
 */
final class LatestTime {
  private static final int DEPTH_LIMIT = 120; // of a layer too

  private LatestTime() {}

  /**
   * @param seconds since 1970
   */
  static void set(DirectoryFd directory, long seconds) {
    set(directory, seconds, 0);
  }

  private static void set(DirectoryFd directory, long seconds, int depth) {
    if (depth > DEPTH_LIMIT) {
      throw new JcomposeException.NotSupported(
          directory + " is more than " + DEPTH_LIMIT + " directories deep");
    }
    try (DirectoryNames names = directory.names()) {
      for (List<byte[]> some = names.next(); !some.isEmpty(); some = names.next()) {
        for (byte[] name : some) {
          Optional<FileStatus> status = directory.stat(name);
          if (status.isPresent() && status.get().isDirectory()) {
            try (DirectoryFd inner = directory.openDirectory(name)) {
              set(inner, seconds, depth + 1);
            }
          }
          if (status.isPresent() && status.get().mtimeSeconds() > seconds) {
            directory.setMtime(name, seconds, 0);
          }
        }
      }
    }
  }
}
