package io.jcompose.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** {@code jcompose version}, without an engine. */
final class VersionAction {
  static final String VERSION = "0.1.0";

  private VersionAction() {}

  static int run(Invocation invocation) throws IOException {
    String text = "jcompose version v" + VERSION;
    if (invocation.has("short")) {
      text = VERSION;
    } else if (invocation.text("format").equals("json")) {
      text = "{\"version\":\"v" + VERSION + "\"}";
    }
    Invocation.stdout().write((text + "\n").getBytes(StandardCharsets.UTF_8));
    return 0;
  }
}
