package io.jcompose.core.file;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;

/**
 * Adds up what the files of a tree have. A container that has the tree may put a link in a folder's
 * place meanwhile, so each folder is opened by the one above it, and no link is followed: nothing
 * of the host is looked at. Confined to one thread.
 */
final class TreeSize {
  /** Of files with several names that many are told apart; further ones count for each name. */
  private static final int MOST_LINKED = 100_000;

  /** Folders that are deeper in each other, each of which takes two descriptors, do not count. */
  private static final int DEEPEST = 500;

  private final Set<Object> linked = new HashSet<>();
  private long bytes;

  private TreeSize() {}

  /** In bytes; what cannot be read counts as nothing, and so does what is gone meanwhile. */
  static long of(Path root) {
    TreeSize size = new TreeSize();
    try {
      if (Files.isDirectory(root, LinkOption.NOFOLLOW_LINKS)) {
        try (DirectoryStream<Path> top = Files.newDirectoryStream(root)) {
          size.add(top, 0);
        }
      }
    } catch (IOException e) {
      return 0; // it is gone
    }
    return size.bytes;
  }

  private void add(DirectoryStream<Path> entries, int depth) {
    if (entries instanceof SecureDirectoryStream<Path> folder) { // always, on Linux
      try {
        folder.forEach(entry -> addEntry(folder, entry, depth));
      } catch (DirectoryIteratorException e) {
        return; // what was read of it counts
      }
    }
  }

  private void addEntry(SecureDirectoryStream<Path> folder, Path entry, int depth) {
    Path name = Objects.requireNonNull(entry.getFileName());
    try {
      BasicFileAttributes attributes =
          folder
              .getFileAttributeView(name, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
              .readAttributes();
      if (!attributes.isDirectory()) {
        bytes += isKnown(attributes, entry) ? 0 : attributes.size();
      } else if (depth < DEEPEST) {
        try (DirectoryStream<Path> below =
            folder.newDirectoryStream(name, LinkOption.NOFOLLOW_LINKS)) {
          add(below, depth + 1);
        }
      }
    } catch (IOException e) {
      // it is gone, or something else now
    }
  }

  private boolean isKnown(BasicFileAttributes attributes, Path entry) {
    Object key = attributes.fileKey();
    if (key == null || linked.contains(key)) {
      return key != null;
    }
    if (linked.size() < MOST_LINKED && isLinked(entry)) {
      linked.add(key);
    }
    return false;
  }

  private static boolean isLinked(Path file) {
    try {
      Object links = Files.getAttribute(file, "unix:nlink", LinkOption.NOFOLLOW_LINKS);
      return links instanceof Integer count && count > 1;
    } catch (IOException e) {
      return false;
    }
  }
}
