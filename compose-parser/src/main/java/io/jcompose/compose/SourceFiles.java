package io.jcompose.compose;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;

/**
 * Reads the files that a model is made of. A process that loads models for others takes one that
 * waits for no FIFO and opens no device, whatever is put in a file's place while it looks; one that
 * loads for a client of another host takes {@link HandedSources}.
 */
@FunctionalInterface
public interface SourceFiles {
  /** By the JDK: good for a process that loads what its own user names. */
  SourceFiles PLAIN =
      (file, maxBytes) -> {
        try (InputStream input = Files.newInputStream(file)) {
          return input.readNBytes(maxBytes);
        }
      };

  /**
   * The first bytes of a regular file.
   *
   * @return at most that many
   * @throws IOException with the JDK's classes for a missing file or permission
   */
  byte[] read(Path file, int maxBytes) throws IOException;

  /** What is there, links followed. */
  default Look look(Path file) {
    try {
      BasicFileAttributes found = Files.readAttributes(file, BasicFileAttributes.class);
      Kind kind =
          found.isDirectory() ? Kind.DIRECTORY : found.isRegularFile() ? Kind.REGULAR : Kind.OTHER;
      return new Look(kind, found.size(), "");
    } catch (NoSuchFileException e) {
      return Look.NOTHING;
    } catch (AccessDeniedException e) {
      return new Look(Kind.UNKNOWN, 0, "permission denied");
    } catch (FileSystemException e) {
      return new Look(Kind.UNKNOWN, 0, e.getReason() == null ? e.toString() : e.getReason());
    } catch (IOException e) {
      return new Look(Kind.UNKNOWN, 0, e.toString());
    }
  }

  /** Where something that is not on this host was fetched to already; empty to fetch it. */
  default Optional<Fetch> fetched(String reference) {
    return Optional.empty();
  }

  /** Hears what came of fetching. */
  default void fetched(String reference, Fetch result) {}

  /** What a path may be. */
  enum Kind {
    MISSING,
    REGULAR,
    DIRECTORY,
    /** A named pipe, device or socket. */
    OTHER,
    /** Not to be told, for a reason. */
    UNKNOWN
  }

  /**
   * What is at a path.
   *
   * @param size in bytes, of a regular file
   * @param reason why it is not known
   */
  record Look(Kind kind, long size, String reason) {
    static final Look NOTHING = new Look(Kind.MISSING, 0, "");

    public boolean isRegular() {
      return kind == Kind.REGULAR;
    }

    public boolean exists() {
      return kind != Kind.MISSING && kind != Kind.UNKNOWN;
    }
  }

  /**
   * What was fetched, or why nothing was.
   *
   * @param file the compose file
   * @param root the folder that everything of it lies in
   * @param name of the repository
   * @param error empty when it was fetched
   */
  record Fetch(String file, String root, String name, String error) {}
}
