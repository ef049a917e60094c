package io.jcompose.core;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Removes and measures directory trees, never following a link. */
public final class FileTrees {
  private FileTrees() {}

  /** Of files with several names that many are told apart; further ones count for each name. */
  private static final int MOST_LINKED = 100_000;

  /**
   * What the files of a tree have, each once; what cannot be read counts as nothing, and so does
   * what is gone meanwhile.
   */
  public static long bytes(Path root) {
    long[] bytes = {0};
    Set<Object> linked = new HashSet<>();
    try {
      Files.walkFileTree(
          root,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
              Object key = attributes.fileKey();
              boolean counted = key != null && linked.contains(key);
              if (key != null && !counted && linked.size() < MOST_LINKED && isLinked(file)) {
                linked.add(key);
              }
              bytes[0] += counted ? 0 : attributes.size();
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException e) {
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException e) {
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      return bytes[0]; // the root itself is gone
    }
    return bytes[0];
  }

  private static boolean isLinked(Path file) {
    try {
      Object links =
          Files.getAttribute(file, "unix:nlink", java.nio.file.LinkOption.NOFOLLOW_LINKS);
      return links instanceof Integer count && count > 1;
    } catch (IOException e) {
      return false;
    }
  }

  /** Removes the tree; removing what is gone succeeds. */
  public static void delete(Path root) throws IOException {
    if (!Files.exists(root, java.nio.file.LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.deleteIfExists(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
            if (e instanceof NoSuchFileException) {
              return FileVisitResult.CONTINUE;
            }
            throw e;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException e)
              throws IOException {
            if (e != null) {
              throw e;
            }
            Files.deleteIfExists(directory);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
