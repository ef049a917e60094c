package io.jcompose.cli.action;

import io.jcompose.cli.terminal.CommandFailure;
import io.jcompose.cli.terminal.Consoles;
import io.jcompose.cli.terminal.TerminalChange;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Names and passwords that a person types, or a program hands over. Stateless. */
final class PasswordInput {
  private static final int MOST_BYTES = 64 << 10;

  private PasswordInput() {}

  /** All of standard input, but for a line's end. */
  static String piped() throws IOException {
    byte[] bytes = Consoles.current().in().readNBytes(MOST_BYTES + 1);
    if (bytes.length > MOST_BYTES) {
      throw new CommandFailure("the password is longer than " + MOST_BYTES + " bytes", 1);
    }
    return new String(bytes, StandardCharsets.UTF_8).replaceFirst("\r?\n$", "");
  }

  /**
   * A line that is asked for at the terminal.
   *
   * @param silent so that it is not seen
   */
  static String asked(String prompt, boolean silent) throws IOException {
    TerminalChange change = silent ? Consoles.current().hideInput() : null;
    String line;
    try {
      say(prompt);
      line = line();
    } finally {
      if (change != null) {
        change.close();
        say("\n");
      }
    }
    return line == null ? "" : silent ? line : line.strip();
  }

  /** Null at the end of the input. */
  private static @Nullable String line() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    int next = Consoles.current().in().read();
    boolean any = next >= 0;
    while (next >= 0 && next != '\n' && line.size() < MOST_BYTES) {
      line.write(next);
      next = Consoles.current().in().read();
    }
    return any ? line.toString(StandardCharsets.UTF_8).replace("\r", "") : null;
  }

  private static void say(String text) throws IOException {
    Consoles.current().out().write(text.getBytes(StandardCharsets.UTF_8));
  }
}
