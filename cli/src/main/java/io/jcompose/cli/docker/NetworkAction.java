package io.jcompose.cli.docker;

import io.jcompose.cli.action.Confirmation;
import io.jcompose.cli.command.Invocation;
import io.jcompose.cli.docker.DockerApi.Request;
import io.jcompose.cli.flags.Flags;
import io.jcompose.cli.flags.InvalidFlag;
import io.jcompose.cli.flags.NamedTexts;
import io.jcompose.cli.flags.NetworkBody;
import io.jcompose.cli.terminal.CommandFailure;
import io.jcompose.cli.terminal.Consoles;
import io.jcompose.cli.terminal.Printable;
import io.jcompose.cli.wire.Json;
import io.jcompose.cli.wire.JsonTree;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Docker's words on networks, and {@code volume create}. Stateless. */
final class NetworkAction {
  private NetworkAction() {}

  static int connect(Invocation invocation) throws IOException {
    Map<String, Object> addresses = new LinkedHashMap<>();
    put(addresses, "IPv4Address", invocation.text("ip"));
    put(addresses, "IPv6Address", invocation.text("ip6"));
    put(addresses, "LinkLocalIPs", invocation.list("link-local-ip"));
    Map<String, Object> settings = new LinkedHashMap<>();
    put(settings, "IPAMConfig", addresses);
    put(settings, "Links", invocation.list("link"));
    put(settings, "Aliases", invocation.list("alias"));
    put(settings, "DriverOpts", pairs(invocation, "driver-opt"));
    if (!invocation.text("gw-priority").isEmpty()) {
      settings.put("GwPriority", Long.valueOf(invocation.text("gw-priority")));
    }
    return post(invocation, "connect", "EndpointConfig", settings);
  }

  static int disconnect(Invocation invocation) throws IOException {
    return post(invocation, "disconnect", "Force", invocation.has("force"));
  }

  static int create(Invocation invocation) throws IOException {
    Flags flags =
        new Flags(
            invocation.command(),
            invocation.options(),
            invocation.env(),
            Consoles.current().folder());
    Map<String, Object> body;
    try {
      body = NetworkBody.of(flags, invocation.arguments().getFirst());
    } catch (InvalidFlag e) {
      throw new CommandFailure(e.text(), 1);
    }
    Map<String, Object> made =
        new DockerApi(invocation).object(Request.post("/networks/create", Map.of(), body));
    if (!JsonTree.text(made, "Warning").isEmpty()) {
      Consoles.current().complain("WARNING: " + JsonTree.text(made, "Warning") + "\n");
    }
    Consoles.current().say(JsonTree.text(made, "Id") + "\n");
    return 0;
  }

  /** By force, one that is not there is no failure. */
  static int remove(Invocation invocation) throws IOException {
    DockerApi api = new DockerApi(invocation);
    boolean failed = false;
    for (String word : invocation.arguments()) {
      String path = "/networks/" + DockerApi.part(word);
      try {
        String ignored = api.text(new Request("DELETE", path, Map.of(), "", "", false));
        Consoles.current().say(word + "\n");
      } catch (CommandFailure e) {
        if (!e.isOfEngine()) {
          throw e;
        }
        boolean wanted = invocation.has("force") && e.isMissing();
        failed |= !wanted;
        if (!wanted) {
          Consoles.current().complain(Printable.text(e.text()) + "\n");
        }
      }
    }
    if (failed) {
      throw new CommandFailure("exit status 1", 1);
    }
    return 0;
  }

  /** Of those that no container is connected to, but for what the engine has of its own. */
  static int prune(Invocation invocation) throws IOException {
    if (!invocation.has("force")) {
      Consoles.current()
          .say(
              "WARNING! This will remove all custom networks not used by at least one container.\n"
                  + "Are you sure you want to continue? [y/N] ");
      if (!Confirmation.isGiven()) {
        return 0;
      }
    }
    Map<String, List<String>> filters = new LinkedHashMap<>();
    for (Object filter : invocation.list("filter")) {
      String[] parts = String.valueOf(filter).split("=", 2);
      filters
          .computeIfAbsent(parts[0], _ -> new ArrayList<>())
          .add(parts.length < 2 ? "" : parts[1]);
    }
    Map<String, String> query =
        Map.of("filters", filters.isEmpty() ? "" : new Json().value(filters).toString());
    Map<String, Object> done =
        new DockerApi(invocation).object(Request.post("/networks/prune", query));
    if (done.get("NetworksDeleted") instanceof List<?> names && !names.isEmpty()) {
      StringBuilder text = new StringBuilder("Deleted Networks:\n");
      names.forEach(name -> text.append(name).append('\n'));
      Consoles.current().say(text + "\n");
    }
    return 0;
  }

  static int volume(Invocation invocation) throws IOException {
    List<String> names = invocation.arguments();
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("Name", names.isEmpty() ? "" : names.getFirst());
    put(body, "Driver", invocation.text("driver"));
    body.put("DriverOpts", pairs(invocation, "opt"));
    body.put("Labels", pairs(invocation, "label"));
    Map<String, Object> made =
        new DockerApi(invocation).object(Request.post("/volumes/create", Map.of(), body));
    Consoles.current().say(JsonTree.text(made, "Name") + "\n");
    return 0;
  }

  private static Map<String, String> pairs(Invocation invocation, String option) {
    return NamedTexts.pairs(invocation.list(option).stream().map(String::valueOf).toList());
  }

  private static int post(Invocation invocation, String verb, String member, Object value)
      throws IOException {
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("Container", invocation.arguments().get(1));
    body.put(member, value);
    String path = "/networks/" + DockerApi.part(invocation.arguments().getFirst()) + "/" + verb;
    String ignored = new DockerApi(invocation).text(Request.post(path, Map.of(), body));
    return 0;
  }

  private static void put(Map<String, Object> to, String name, Object value) {
    boolean isEmpty =
        switch (value) {
          case String text -> text.isEmpty();
          case List<?> list -> list.isEmpty();
          case Map<?, ?> map -> map.isEmpty();
          default -> false;
        };
    if (!isEmpty) {
      to.put(name, value);
    }
  }
}
