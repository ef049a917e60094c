package io.jcompose.cli.docker;

import io.jcompose.cli.docker.DockerApi.Request;
import io.jcompose.cli.terminal.CommandFailure;
import io.jcompose.cli.terminal.Console;
import io.jcompose.cli.terminal.Consoles;
import io.jcompose.cli.wire.HttpAnswer;
import io.jcompose.cli.wire.JsonTree;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/** What whoever is joined with a program does beside its streams. Stateless. */
final class Attendance {
  private static final int LOST = 125;

  private Attendance() {}

  /**
   * Tells a container the terminal's size, now and when it changes, and the signals that come.
   *
   * @param signals whether those are passed on
   */
  static void begin(DockerApi api, String id, boolean tty, boolean signals) {
    Console console = Consoles.current();
    if (tty && console.isTerminal(1)) {
      size(api, "/containers/" + id + "/resize");
      console.onResize(() -> size(api, "/containers/" + id + "/resize"));
    }
    if (signals) {
      console.onSignals(
          name ->
              quietly(api, Request.post("/containers/" + id + "/kill", Map.of("signal", name))));
    }
  }

  /** Tells the terminal's size; a program that has ended does not want it. */
  static void size(DockerApi api, String path) {
    Console console = Consoles.current();
    Map<String, String> query = new LinkedHashMap<>();
    query.put("h", String.valueOf(console.rows(1)));
    query.put("w", String.valueOf(console.columns(1)));
    quietly(api, Request.post(path, query));
  }

  private static void quietly(DockerApi api, Request request) {
    try {
      String ignored = api.text(request);
    } catch (IOException | CommandFailure e) {
      // it has ended by itself, which is told elsewhere
    }
  }

  /** What the wait for a container's end answers, when it does. */
  static int exitCode(HttpAnswer end) throws IOException {
    try {
      Map<String, Object> status = JsonTree.parse(end.text());
      return status.get("StatusCode") instanceof JsonTree.Word word
          ? Integer.parseInt(word.text())
          : LOST;
    } catch (IllegalArgumentException e) {
      throw new CommandFailure("error waiting for container: unexpected EOF", LOST);
    }
  }
}
