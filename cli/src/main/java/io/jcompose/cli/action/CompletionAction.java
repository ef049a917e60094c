package io.jcompose.cli.action;

import io.jcompose.cli.command.Invocation;
import io.jcompose.cli.help.Completion;
import io.jcompose.cli.terminal.CommandFailure;
import io.jcompose.cli.terminal.Consoles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** {@code jcompose completion SHELL}: prints a script, for which no engine is needed. */
final class CompletionAction {
  private CompletionAction() {}

  static int run(Invocation invocation) throws IOException {
    String shell = String.join(" ", invocation.arguments());
    if (!Completion.SHELLS.contains(shell)) {
      throw new CommandFailure(
          "usage: jcompose completion " + String.join("|", Completion.SHELLS), 1);
    }
    Consoles.current().out().write(Completion.script(shell).getBytes(StandardCharsets.UTF_8));
    return 0;
  }
}
