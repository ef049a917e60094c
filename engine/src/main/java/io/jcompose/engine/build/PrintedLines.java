package io.jcompose.engine.build;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/**
 * Cuts what a program prints into lines. One that is very long comes in parts; of what a program
 * writes over by carriage returns, only the last counts. Confined to one thread.
 */
final class PrintedLines {
  private static final int LONGEST = 16 << 10;

  private final Consumer<String> lines;
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();

  PrintedLines(Consumer<String> lines) {
    this.lines = lines;
  }

  void take(byte[] bytes, int offset, int length) {
    for (int i = offset; i < offset + length; i++) {
      if (bytes[i] == '\n') {
        end(true);
      } else {
        line.write(bytes[i]);
        if (line.size() >= LONGEST) {
          end(true);
        }
      }
    }
  }

  /** What has no line end is a line too. */
  void end() {
    end(false);
  }

  private void end(boolean always) {
    if (!always && line.size() == 0) {
      return;
    }
    String text = line.toString(StandardCharsets.UTF_8);
    line.reset();
    String shown = text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
    lines.accept(shown.substring(shown.lastIndexOf('\r') + 1));
  }
}
