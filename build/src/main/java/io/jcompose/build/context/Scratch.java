package io.jcompose.build.context;

import io.jcompose.linux.file.DirectoryFd;
import io.jcompose.linux.file.TreeRemoval;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A folder for files that live as long as a piece of work, made when the first of them is. What a
 * crash leaves in its parent goes with the next start. Confined to one thread.
 */
public final class Scratch implements AutoCloseable {
  private final Path parent;
  private final String prefix;
  private @Nullable Path folder;

  /**
   * @param parent may not be there yet
   */
  public Scratch(Path parent, String prefix) {
    this.parent = parent;
    this.prefix = prefix;
  }

  /** The folder itself. */
  public Path folder() {
    try {
      if (folder == null) {
        Files.createDirectories(parent);
        folder = Files.createTempDirectory(parent, prefix);
      }
      return folder;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A new folder in it. */
  public Path inner() {
    try {
      return Files.createTempDirectory(folder(), "");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    if (folder != null) {
      remove(folder);
    }
  }

  /** Removes a tree, however it was made. */
  public static void remove(Path tree) {
    try (DirectoryFd parent = DirectoryFd.open(tree.resolveSibling("."))) {
      TreeRemoval.remove(
          parent, String.valueOf(tree.getFileName()).getBytes(StandardCharsets.UTF_8));
    }
  }
}
