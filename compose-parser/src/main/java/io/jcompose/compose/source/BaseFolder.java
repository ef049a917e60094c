package io.jcompose.compose.source;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The folder that a model's relative paths start from.
 *
 * @param root where the model was fetched to, when it came from elsewhere: its paths must not leave
 *     it; null for a model of this host
 */
public record BaseFolder(Path dir, @Nullable Path root) {
  /** The names of a compose file that nobody has to name, in order of preference. */
  static final List<String> FILE_NAMES =
      List.of("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml");

  /** The folder of a file in it, or of one named beside it. */
  public BaseFolder of(Path file) {
    Path parent = file.getParent();
    Path folder = parent == null ? dir : parent;
    return new BaseFolder(folder, root != null && folder.startsWith(root) ? root : null);
  }

  /** Whether a path, also by way of symbolic links, leaves the root. Reads link targets only. */
  public boolean isLeftBy(Path path) {
    if (root == null) {
      return false;
    }
    if (!path.normalize().startsWith(root)) {
      return true;
    }
    if (!Files.exists(root)) {
      return false; // on a client's host, which followed the links; there are none here
    }
    try {
      Path existing = path.normalize();
      while (!Files.exists(existing)
          && !Files.isSymbolicLink(existing)
          && existing.getParent() != null) {
        existing = existing.getParent();
      }
      return !existing.toRealPath().startsWith(root.toRealPath());
    } catch (IOException e) {
      return true; // a dangling or circular link
    }
  }
}
