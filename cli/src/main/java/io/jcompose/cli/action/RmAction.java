package io.jcompose.cli.action;

import io.jcompose.cli.command.Invocation;
import io.jcompose.cli.request.Engines;
import io.jcompose.cli.request.ProjectRequest;
import io.jcompose.cli.terminal.Consoles;
import io.jcompose.cli.terminal.Printable;
import io.jcompose.cli.wire.HttpAnswer;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** {@code jcompose rm}: says what will go, asks unless told not to, and removes it. */
final class RmAction {
  private RmAction() {}

  static int run(Invocation invocation) throws IOException {
    String names;
    try (HttpAnswer answer =
        Engines.of(invocation)
            .post("/jcompose/v1/rm/candidates", ProjectRequest.text(invocation, Map.of()), false)) {
      names = new String(answer.readAllBytes(), StandardCharsets.UTF_8).strip();
    }
    if (names.isEmpty()) {
      complain("No stopped containers\n");
      return 0;
    }
    // whoever names a container itself has said what is meant, as with `docker rm`
    boolean named = names.lines().allMatch(n -> n.startsWith("="));
    if (named) {
      return ProgressAction.run(invocation);
    }
    boolean asks = !invocation.has("force");
    String list = names.replace("=", "").replace("\n", ", ");
    say("Going to remove " + Printable.text(list) + (asks ? "\n? Are you sure [y/N] " : "\n"));
    if (asks && !Confirmation.isGiven()) {
      return 0;
    }
    return ProgressAction.run(invocation);
  }

  private static void complain(String text) {
    Consoles.current().complain(text);
  }

  private static void say(String text) throws IOException {
    OutputStream out = Consoles.current().out();
    out.write(text.getBytes(StandardCharsets.UTF_8));
  }
}
