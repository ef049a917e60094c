package io.jcompose.cli.action;

import io.jcompose.cli.command.Invocation;
import io.jcompose.cli.request.Engines;
import io.jcompose.cli.terminal.Consoles;
import io.jcompose.cli.wire.Json;
import io.jcompose.cli.wire.Version;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** {@code jcompose version}, without an engine unless a template asks for its version. */
final class VersionAction {
  private VersionAction() {}

  static int run(Invocation invocation) throws IOException {
    if (invocation.text("format").contains("{{")) {
      return ofTemplate(invocation);
    }
    String text = "jcompose version v" + Version.TEXT;
    if (invocation.has("short")) {
      text = Version.TEXT;
    } else if (invocation.text("format").equals("json")) {
      text = "{\"version\":\"v" + Version.TEXT + "\"}";
    }
    Consoles.current().out().write((text + "\n").getBytes(StandardCharsets.UTF_8));
    return 0;
  }

  /** As docker's, with Client and Server; the engine has the templates, and tells of itself. */
  private static int ofTemplate(Invocation invocation) throws IOException {
    Map<String, Object> client = new LinkedHashMap<>();
    client.put("Version", Version.TEXT);
    client.put("Os", "linux");
    String arch = System.getProperty("os.arch");
    client.put("Arch", arch.equals("aarch64") ? "arm64" : arch);
    String request =
        new Json().value(Map.of("options", invocation.options(), "client", client)).toString();
    Consoles.current()
        .out()
        .write(Engines.text(invocation, "version", request).getBytes(StandardCharsets.UTF_8));
    return 0;
  }
}
