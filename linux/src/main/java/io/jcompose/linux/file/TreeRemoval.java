package io.jcompose.linux.file;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;

/**
 * Removes all that is in a directory. What a program makes may be deeper than a stack, a path or
 * the open descriptors reach, and wider than memory: directories far below are moved up to the top
 * and removed from there. After a crash all that is left is still in the directory.
 */
public final class TreeRemoval {
  private static final int DEPTH = 32;

  private final DirectoryFd top;
  private final String prefix = ".removed-" + UUID.randomUUID() + "-"; // no such name is there
  private long moved;

  private TreeRemoval(DirectoryFd top) {
    this.top = top;
  }

  /**
   * Removes an entry with all below it; removing what is gone succeeds. The tree may be of any
   * depth and width.
   */
  public static void remove(DirectoryFd parent, byte[] entry) {
    if (parent.removeLeaf(entry)) {
      return;
    }
    try (DirectoryFd child = parent.openDirectory(entry)) {
      removeContents(child);
    }
    parent.rmdir(entry);
  }

  /** Removes all that is in a directory. */
  public static void removeContents(DirectoryFd directory) {
    new TreeRemoval(directory).run();
  }

  private void run() {
    contents(top, 0);
    for (long number = 0; number < moved; number++) { // each may add more
      remove(top, name(number), 0);
    }
  }

  private void contents(DirectoryFd directory, int depth) {
    try (DirectoryNames names = directory.names()) {
      for (List<byte[]> some = names.next(); !some.isEmpty(); some = names.next()) {
        some.forEach(name -> remove(directory, name, depth));
      }
    }
  }

  private void remove(DirectoryFd parent, byte[] entry, int depth) {
    if (parent.removeLeaf(entry)) {
      return;
    }
    if (depth == DEPTH) {
      parent.rename(entry, top, name(moved));
      moved++;
      return;
    }
    try (DirectoryFd child = parent.openDirectory(entry)) {
      contents(child, depth + 1);
    }
    parent.rmdir(entry);
  }

  private byte[] name(long number) {
    return (prefix + number).getBytes(StandardCharsets.US_ASCII);
  }
}
