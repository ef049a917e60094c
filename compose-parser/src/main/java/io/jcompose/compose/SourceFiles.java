package io.jcompose.compose;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Reads the files that a model is made of. A process that loads models for others takes one that
 * waits for no FIFO and opens no device, whatever is put in a file's place while it looks.
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
}
