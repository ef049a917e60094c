package io.jcompose.cli.terminal;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * Compose and env files that come by standard input or other pipes: read once and kept, for a
 * command may send several requests. Confined to the command's thread.
 */
public final class StandardInput {
  private final Map<String, String> texts = new HashMap<>();

  /** The text of {@code -} or of a descriptor's path. */
  public String of(String file) throws IOException {
    String known = texts.get(file);
    if (known == null) {
      known =
          file.equals("-")
              ? new String(Consoles.current().in().readAllBytes(), StandardCharsets.UTF_8)
              : ofDescriptor(file);
      texts.put(file, known);
    }
    return known;
  }

  private static String ofDescriptor(String path) throws IOException {
    Consoles.current().requireOwn();
    return Files.readString(Path.of(path));
  }
}
