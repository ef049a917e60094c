package io.jcompose.cli.action;

import io.jcompose.cli.terminal.Consoles;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** What a person answers before something is removed. Stateless. */
public final class Confirmation {
  /** Whoever pipes more than a terminal's line means something else than yes. */
  private static final int MOST_BYTES = 4096;

  private Confirmation() {}

  /** True when the next line of standard input is {@code y} or {@code yes}. */
  public static boolean isGiven() throws IOException {
    InputStream input = Consoles.current().in();
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    int next = input.read();
    if (next < 0) {
      Consoles.current().say("\n"); // that a person's return key would have made
      return false;
    }
    while (next >= 0 && next != '\n' && line.size() < MOST_BYTES) {
      line.write(next);
      next = input.read();
    }
    String answer = line.toString(StandardCharsets.UTF_8).strip().toLowerCase(Locale.ROOT);
    return line.size() < MOST_BYTES && (answer.equals("y") || answer.equals("yes"));
  }
}
