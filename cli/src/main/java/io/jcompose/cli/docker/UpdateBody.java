package io.jcompose.cli.docker;

import io.jcompose.cli.command.CommandLineParser;
import io.jcompose.cli.command.Invocation;
import io.jcompose.cli.flags.CreateBody;
import io.jcompose.cli.flags.Flags;
import io.jcompose.cli.flags.InvalidFlag;
import io.jcompose.cli.terminal.CommandFailure;
import io.jcompose.cli.terminal.Consoles;
import java.util.Map;

/** What docker's {@code update} sends. Stateless. */
final class UpdateBody {
  private UpdateBody() {}

  static Map<String, Object> of(Invocation invocation) {
    Flags flags =
        new Flags(
            invocation.command(),
            invocation.options(),
            invocation.env(),
            Consoles.current().folder());
    if (flags.options().isEmpty()) {
      throw new CommandFailure("you must provide one or more flags when using this command", 1);
    }
    try {
      return CreateBody.changes(flags);
    } catch (InvalidFlag e) {
      String message = e.text();
      throw e.isOfOne()
          ? CommandLineParser.usage(invocation.command(), message)
          : new CommandFailure(message, 1);
    }
  }
}
