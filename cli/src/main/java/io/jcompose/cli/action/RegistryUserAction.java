package io.jcompose.cli.action;

import io.jcompose.cli.command.Invocation;
import io.jcompose.cli.terminal.CommandFailure;
import io.jcompose.cli.terminal.Consoles;
import java.io.IOException;
import java.util.Map;

/** {@code registry user}: the password of a new one is typed twice, or piped. */
final class RegistryUserAction {
  private RegistryUserAction() {}

  static int run(Invocation invocation) throws IOException {
    boolean adds = invocation.arguments().getFirst().equals("add");
    if (!adds) {
      return TextAction.run(invocation, "registry/user", Map.of());
    }
    Consoles.current().requireOwn();
    String password = invocation.has("password-stdin") ? PasswordInput.piped() : typed();
    return TextAction.run(invocation, "registry/user", Map.of("password", password));
  }

  private static String typed() throws IOException {
    if (!Consoles.current().isTerminal(0)) {
      throw new CommandFailure("no terminal to ask for a password; use --password-stdin", 1);
    }
    String password = PasswordInput.asked("Password: ", true);
    if (!password.equals(PasswordInput.asked("Password again: ", true))) {
      throw new CommandFailure("the passwords differ", 1);
    }
    return password;
  }
}
