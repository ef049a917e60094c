package io.jcompose.runtime.shim;

import io.jcompose.core.JcomposeException;
import io.jcompose.core.file.FileTrees;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashSet;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The directories in which shims have their control sockets, one a task, and the launcher has its
 * own. Immutable.
 */
public record RunDirectories(Path root) {
  private static final Logger LOG = LoggerFactory.getLogger(RunDirectories.class);
  private static final int DIGITS = 16;

  /** Makes the root, for nobody else; sockets of launchers that have ended go. */
  public void prepare() {
    try {
      Files.createDirectories(root);
      Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwx------"));
      try (DirectoryStream<Path> sockets = Files.newDirectoryStream(root, "launcher-*")) {
        for (Path socket : sockets) {
          Files.deleteIfExists(socket);
        }
      }
    } catch (IOException e) {
      throw new JcomposeException.Internal("failed to make " + root + ": " + e.getMessage(), e);
    }
  }

  /** A task's. */
  public Path of(String id) {
    return root.resolve(nameOf(id));
  }

  private static String nameOf(String id) {
    return id.length() > DIGITS ? id.substring(0, DIGITS) : id;
  }

  /** Removes those of all tasks but these. */
  public void keepOnly(Set<String> ids) {
    Set<String> keep = new HashSet<>();
    ids.forEach(id -> keep.add(nameOf(id)));
    try (DirectoryStream<Path> dirs = Files.newDirectoryStream(root, Files::isDirectory)) {
      for (Path dir : dirs) {
        if (!keep.contains(dir.getFileName().toString())) {
          remove(dir);
        }
      }
    } catch (IOException e) {
      throw new JcomposeException.Internal("failed to sweep " + root, e);
    }
  }

  /** Removes a task's, as far as that can be done. */
  public static void remove(Path dir) {
    try {
      FileTrees.delete(dir);
    } catch (IOException e) {
      LOG.warn("cannot remove {}: {}", dir, e.toString());
    }
  }
}
