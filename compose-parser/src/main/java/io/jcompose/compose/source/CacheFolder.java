package io.jcompose.compose.source;

import io.jcompose.core.JcomposeException;
import io.jcompose.core.file.FileTrees;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;

/**
 * A folder of folders that were fetched, each under a name that tells its content. One is made
 * beside its place and renamed, so what is there is complete, also after a crash and with several
 * processes; what a crash left half made is swept a day later.
 */
record CacheFolder(Path path) {
  private static final String HALF_MADE = "making-";
  private static final Duration SWEPT_AFTER = Duration.ofDays(1);

  /** Puts files into a new, empty folder. */
  @FunctionalInterface
  interface Filling {
    void into(Path folder) throws IOException;
  }

  /**
   * The folder of the name, filled first where it is not there.
   *
   * @param what for messages: what is kept in it
   * @throws JcomposeException.Unavailable when it cannot be written
   */
  Path of(String name, String what, Filling filling) {
    Path place = path.resolve(name);
    if (Files.isDirectory(place)) {
      return place;
    }
    try {
      Files.createDirectories(path);
      sweep();
      Path made = Files.createTempDirectory(path, HALF_MADE);
      try {
        filling.into(made);
        Files.move(made, place);
      } catch (FileAlreadyExistsException | DirectoryNotEmptyException e) {
        return place; // another process was faster
      } finally {
        FileTrees.delete(made);
      }
      return place;
    } catch (IOException e) {
      throw new JcomposeException.Unavailable(
          "cannot keep a copy of " + what + " in " + path + ": " + e, e);
    }
  }

  private void sweep() throws IOException {
    FileTime limit = FileTime.from(Instant.now().minus(SWEPT_AFTER));
    List<Path> old;
    try (Stream<Path> all = Files.list(path)) {
      old = all.filter(folder -> folder.getFileName().toString().startsWith(HALF_MADE)).toList();
    }
    for (Path folder : old) {
      if (Files.exists(folder) && Files.getLastModifiedTime(folder).compareTo(limit) < 0) {
        FileTrees.delete(folder);
      }
    }
  }
}
