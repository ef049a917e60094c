package io.jcompose.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A compose file that comes by standard input or another pipe: read once and kept, for a command
 * may send several requests. Confined to the command's thread.
 */
final class StandardInput {
  private @Nullable String text;

  /** The text of {@code -} or of a descriptor's path. */
  String of(String file) throws IOException {
    String known = text;
    if (known == null) {
      known =
          file.equals("-")
              ? new String(System.in.readAllBytes(), StandardCharsets.UTF_8)
              : Files.readString(Path.of(file));
      text = known;
    }
    return known;
  }
}
