package io.jcompose.cli.docker;

import io.jcompose.cli.command.Invocation;
import io.jcompose.cli.docker.DockerApi.Request;
import io.jcompose.cli.request.Engines;
import io.jcompose.cli.terminal.Consoles;
import io.jcompose.cli.wire.Json;
import io.jcompose.cli.wire.JsonTree;
import io.jcompose.cli.wire.Version;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/** Docker's {@code version}: of this program and of the engine. Stateless. */
final class VersionAction {
  private VersionAction() {}

  static int run(Invocation invocation) throws IOException {
    String text = new DockerApi(invocation).text(Request.get("/version"));
    Map<String, Object> server = JsonTree.parse(text);
    Map<String, String> client = client(JsonTree.text(server, "ApiVersion"));
    String format = invocation.text("format");
    String shown;
    if (format.isEmpty()) {
      shown = shown(client, server);
    } else if (format.equals("json")) {
      shown = "{\"Client\":" + new Json().value(client) + ",\"Server\":" + text.strip() + "}\n";
    } else {
      shown = rendered(invocation, client, server);
    }
    Consoles.current().say(shown);
    return 0;
  }

  private static Map<String, String> client(String api) {
    Map<String, String> client = new LinkedHashMap<>();
    String arch = System.getProperty("os.arch");
    client.put("Version", Version.TEXT);
    client.put("ApiVersion", api);
    client.put("APIVersion", api);
    client.put("DefaultAPIVersion", api);
    client.put("Os", "linux");
    client.put("Arch", arch.equals("aarch64") ? "arm64" : arch.equals("x86_64") ? "amd64" : arch);
    client.put("Context", "default");
    return client;
  }

  private static String shown(Map<String, String> client, Map<String, Object> server) {
    return "Client: jcompose\n"
        + line(" Version", client.getOrDefault("Version", ""))
        + line(" API version", client.getOrDefault("APIVersion", ""))
        + line(" OS/Arch", client.get("Os") + "/" + client.get("Arch"))
        + line(" Context", "default")
        + "\nServer: jcompose\n Engine:\n"
        + line("  Version", JsonTree.text(server, "Version"))
        + line(
            "  API version",
            JsonTree.text(server, "ApiVersion")
                + " (minimum version "
                + JsonTree.text(server, "MinAPIVersion")
                + ")")
        + line("  OS/Arch", JsonTree.text(server, "Os") + "/" + JsonTree.text(server, "Arch"))
        + line("  Kernel version", JsonTree.text(server, "KernelVersion"));
  }

  private static String line(String name, String value) {
    int width = 19;
    return name + ":" + " ".repeat(width - name.length() - 1) + value + "\n";
  }

  /** The engine has the templates. */
  private static String rendered(
      Invocation invocation, Map<String, String> client, Map<String, Object> server)
      throws IOException {
    Map<String, Object> texts = new LinkedHashMap<>(server);
    texts.values().removeIf(value -> !(value instanceof String));
    texts.put("APIVersion", JsonTree.text(server, "ApiVersion"));
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("options", invocation.options());
    members.put("client", client);
    members.put("server", texts);
    return Engines.text(invocation, "version", new Json().value(members).toString());
  }
}
