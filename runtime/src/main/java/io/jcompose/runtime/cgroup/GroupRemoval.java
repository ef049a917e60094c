package io.jcompose.runtime.cgroup;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.attribute.BasicFileAttributeView;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;

/**
 * Removes a cgroup with those that a privileged container made in it; their files go with them.
 * They may be deeper than a path or a stack reaches, so each is opened from the one above.
 */
final class GroupRemoval implements AutoCloseable {
  private final Deque<Level> levels = new ArrayDeque<>(); // the innermost first

  private GroupRemoval() {}

  /**
   * Removing what is gone succeeds.
   *
   * @throws IOException EBUSY among others, when a group still has a process
   */
  static void remove(Path group) throws IOException {
    try (DirectoryStream<Path> top = Files.newDirectoryStream(group);
        GroupRemoval removal = new GroupRemoval()) {
      removal.enter(group, top);
      while (!removal.levels.isEmpty()) {
        removal.step();
      }
      Files.deleteIfExists(group);
    } catch (NoSuchFileException gone) {
      Files.deleteIfExists(group); // or one in it, and the next try finds the others
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
  }

  private void step() throws IOException {
    Level level = levels.getFirst();
    if (level.entries.hasNext()) {
      Path entry = level.entries.next().getFileName();
      if (level.isGroup(entry)) {
        enter(entry, level.stream.newDirectoryStream(entry, LinkOption.NOFOLLOW_LINKS));
      }
      return;
    }
    levels.removeFirst().stream.close();
    if (!levels.isEmpty()) {
      levels.getFirst().stream.deleteDirectory(level.name);
    }
  }

  private void enter(Path name, DirectoryStream<Path> stream) {
    SecureDirectoryStream<Path> secure = (SecureDirectoryStream<Path>) stream; // always, on Linux
    levels.addFirst(new Level(name, secure, secure.iterator()));
  }

  @Override
  public void close() throws IOException {
    while (!levels.isEmpty()) {
      levels.removeFirst().stream.close();
    }
  }

  private record Level(Path name, SecureDirectoryStream<Path> stream, Iterator<Path> entries) {
    boolean isGroup(Path entry) throws IOException {
      return stream
          .getFileAttributeView(entry, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
          .readAttributes()
          .isDirectory();
    }
  }
}
