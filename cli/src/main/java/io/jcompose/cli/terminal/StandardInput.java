package io.jcompose.cli.terminal;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
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
  /** What an engine takes of a request. */
  private static final int MOST_BYTES = 4 << 20;

  private static final int PART_BYTES = 64 << 10;

  private final Map<String, String> texts = new HashMap<>();

  /** The text of {@code -} or of a descriptor's path. */
  public String of(String file) throws IOException {
    String known = texts.get(file);
    if (known == null) {
      known =
          file.equals("-")
              ? text(Consoles.current().in(), "the file on standard input")
              : ofDescriptor(file);
      texts.put(file, known);
    }
    return known;
  }

  /** Counted as it comes: an engine reads those of many clients at once. */
  private static String text(InputStream input, String name) throws IOException {
    Console console = Consoles.current();
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    byte[] part = new byte[PART_BYTES];
    for (int count = input.read(part); count > 0; count = input.read(part)) {
      if (all.size() + count > MOST_BYTES) {
        throw new CommandFailure(name + " is larger than " + (MOST_BYTES >> 20) + " MiB", 1);
      }
      console.keeps(2 * count); // here, and in the request that is made of it
      all.write(part, 0, count);
    }
    return all.toString(StandardCharsets.UTF_8);
  }

  private static String ofDescriptor(String path) throws IOException {
    Consoles.current().requireOwn();
    try (InputStream input = Files.newInputStream(Path.of(path))) {
      return text(input, path);
    }
  }
}
