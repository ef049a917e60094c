package io.jcompose.cli.action;

import io.jcompose.cli.command.Invocation;
import io.jcompose.cli.request.Engines;
import io.jcompose.cli.request.NeededLogins;
import io.jcompose.cli.request.ProjectRequest;
import io.jcompose.cli.terminal.Consoles;
import io.jcompose.cli.terminal.Printable;
import io.jcompose.cli.wire.HttpAnswer;
import java.io.IOException;
import java.util.Map;

/** A command whose answer is text that the engine rendered. */
final class TextAction {
  private TextAction() {}

  static int run(Invocation invocation) throws IOException {
    return run(invocation, endpoint(invocation.command().name()));
  }

  /** Posts to another endpoint than that of the command's name. */
  static int run(Invocation invocation, String endpoint) throws IOException {
    return run(invocation, endpoint, Map.of());
  }

  /** With further members of the request. */
  static int run(Invocation invocation, String endpoint, Map<String, Object> extra)
      throws IOException {
    String request = ProjectRequest.text(invocation, extra);
    try (HttpAnswer answer =
        Engines.of(invocation).post("/jcompose/v1/" + endpoint, request, false)) {
      show(invocation, answer);
      return 0;
    }
  }

  /** The same with the logins of whoever gives the command. */
  static int search(Invocation invocation) throws IOException {
    return run(invocation, "search", NeededLogins.of(invocation, "search"));
  }

  /** The project's images; with an option that only docker's command has, what that one shows. */
  static int images(Invocation invocation) throws IOException {
    boolean dockers =
        invocation.has("all")
            || invocation.has("digests")
            || invocation.has("no-trunc")
            || !invocation.list("filter").isEmpty();
    return run(invocation, dockers ? "image/ls" : "images");
  }

  /** This host's engine sends nothing that a terminal would obey; who knows of another's. */
  private static void show(Invocation invocation, HttpAnswer answer) throws IOException {
    if (Engines.remote(invocation) != null && Consoles.current().isTerminal(1)) {
      Consoles.current().say(Printable.text(answer.text()));
    } else {
      answer.transferTo(Consoles.current().out());
    }
  }

  /** {@code volume ls} is {@code volume/ls}. */
  static String endpoint(String command) {
    return command.replace(' ', '/');
  }
}
