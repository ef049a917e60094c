package io.jcompose.volumes;

import io.jcompose.core.FileTrees;
import io.jcompose.linux.UnionView;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Fills an empty volume from an image directory, once. A marker beside the data says that a copy is
 * under way; where a crash left one, the partial copy is thrown away and made again.
 */
final class CopyUp {
  private static final String MARKER = "filling";

  private CopyUp() {}

  /**
   * @param directory the volume's own directory, for the marker
   * @param data where the volume's content lies
   * @param layers topmost first
   * @param source absolute path in the image; a file or nothing there copies nothing
   */
  static void fill(Path directory, Path data, List<Path> layers, String source) {
    Path marker = directory.resolve(MARKER);
    try {
      if (Files.exists(marker)) {
        FileTrees.clear(data);
      } else if (!isEmpty(data)) {
        return;
      }
      try (UnionView image = UnionView.open(layers)) {
        Optional<UnionView.Entry> found = image.find(source);
        if (found.isEmpty()) {
          return;
        }
        try (UnionView.Entry entry = found.get()) {
          if (Files.isDirectory(entry.path())) {
            Files.write(marker, new byte[0]);
            copy(entry.path().resolve("."), data);
            Files.delete(marker);
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(
          "failed to fill the volume at " + directory + " from the image's " + source, e);
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.walkFileTree(
        from,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes)
              throws IOException {
            Path copy = to.resolve(from.relativize(directory));
            if (!directory.equals(from)) {
              Files.createDirectory(copy);
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.copy(
                file,
                to.resolve(from.relativize(file)),
                StandardCopyOption.COPY_ATTRIBUTES,
                LinkOption.NOFOLLOW_LINKS);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException e)
              throws IOException {
            if (e != null) {
              throw e;
            }
            copyAttributes(directory, to.resolve(from.relativize(directory)));
            return FileVisitResult.CONTINUE;
          }
        });
  }

  private static void copyAttributes(Path from, Path to) throws IOException {
    PosixFileAttributes attributes = Files.readAttributes(from, PosixFileAttributes.class);
    PosixFileAttributeView view = Files.getFileAttributeView(to, PosixFileAttributeView.class);
    Files.setAttribute(to, "unix:uid", Files.getAttribute(from, "unix:uid"));
    Files.setAttribute(to, "unix:gid", Files.getAttribute(from, "unix:gid"));
    Files.setAttribute(to, "unix:mode", Files.getAttribute(from, "unix:mode"));
    FileTime modified = attributes.lastModifiedTime();
    view.setTimes(modified, attributes.lastAccessTime(), null);
  }

  private static boolean isEmpty(Path directory) throws IOException {
    try (var entries = Files.newDirectoryStream(directory)) {
      return !entries.iterator().hasNext();
    }
  }
}
