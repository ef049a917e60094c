package io.jcompose.build.solve;

import io.jcompose.linux.file.ForeignFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Secrets of the host, which are opened as what they are. */
final class Secrets {
  private static final int LIMIT = 500 << 10; // as BuildKit's

  private Secrets() {}

  static String text(Path file) {
    return new String(ForeignFile.content(file, LIMIT), StandardCharsets.UTF_8);
  }
}
