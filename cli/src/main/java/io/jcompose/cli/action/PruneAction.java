package io.jcompose.cli.action;

import io.jcompose.cli.command.Invocation;
import io.jcompose.cli.request.Engines;
import io.jcompose.cli.request.ProjectRequest;
import io.jcompose.cli.terminal.Consoles;
import io.jcompose.cli.terminal.Printable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** {@code prune} of all kinds: shows what would go, asks unless told not to, and removes it. */
final class PruneAction {
  private PruneAction() {}

  static int run(Invocation invocation) throws IOException {
    String endpoint = TextAction.endpoint(invocation.command().name());
    String request = ProjectRequest.text(invocation, Map.of());
    if (!invocation.has("force")) {
      String candidates = Engines.text(invocation, endpoint + "/candidates", request);
      if (candidates.isEmpty()) {
        say("Nothing to remove.\n");
        // of images that are gone parts may be left, which the prune sweeps
      } else {
        say("WARNING! This will remove:\n" + Printable.text(candidates));
      }
      say("\nAre you sure you want to continue? [y/N] ");
      if (!Confirmation.isGiven()) {
        return 0;
      }
    }
    say(Printable.text(Engines.text(invocation, endpoint, request)));
    return 0;
  }

  private static void say(String text) throws IOException {
    Consoles.current().out().write(text.getBytes(StandardCharsets.UTF_8));
  }
}
