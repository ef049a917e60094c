package io.jcompose.cli.action;

import io.jcompose.cli.command.Invocation;
import io.jcompose.cli.login.DockerConfig;
import io.jcompose.cli.login.Login;
import io.jcompose.cli.request.CallerLogins;
import io.jcompose.cli.request.Engines;
import io.jcompose.cli.terminal.CommandFailure;
import io.jcompose.cli.terminal.Consoles;
import io.jcompose.cli.terminal.Printable;
import io.jcompose.cli.wire.FlatJson;
import io.jcompose.cli.wire.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * {@code login} and {@code logout}, with Docker's words. The engine shows a login to the registry,
 * for it knows certificates and proxies; this process keeps it, as its user's.
 */
final class LoginAction {
  private final Invocation invocation;
  private final String registry;
  private final Path file;
  private final DockerConfig config;

  private LoginAction(Invocation invocation) {
    Consoles.current().requireOwn();
    List<String> words = invocation.arguments();
    this.invocation = invocation;
    this.registry = DockerConfig.registry(words.isEmpty() ? "" : words.get(0));
    this.file = DockerConfig.file(invocation.env());
    try {
      this.config = DockerConfig.read(file);
    } catch (IOException e) {
      throw new CommandFailure(String.valueOf(e.getMessage()), 1);
    }
  }

  static int login(Invocation invocation) throws IOException {
    boolean piped = invocation.has("password-stdin");
    if (piped && !invocation.text("password").isEmpty()) {
      throw new CommandFailure("--password and --password-stdin are mutually exclusive", 1);
    }
    if (piped && invocation.text("username").isEmpty()) {
      throw new CommandFailure("the --password-stdin option requires --username to be set", 1);
    }
    return new LoginAction(invocation).login(piped);
  }

  static int logout(Invocation invocation) throws IOException {
    LoginAction action = new LoginAction(invocation);
    try {
      boolean had = action.config.remove(action.registry);
      say((had ? "Removing login credentials for " : "Not logged in to ") + action.registry + "\n");
      return 0;
    } catch (IOException e) {
      throw new CommandFailure("failed to log out of " + action.registry + ": " + reason(e), 1);
    }
  }

  private int login(boolean piped) throws IOException {
    String user = invocation.text("username");
    String secret = invocation.text("password");
    if (!secret.isEmpty()) {
      warn("Using --password via the CLI is insecure. Use --password-stdin.");
    }
    if (user.isEmpty() && secret.isEmpty()) {
      Optional<Login> stored = stored();
      if (stored.isPresent() && isStillGood(stored.get())) {
        say("Login Succeeded\n");
        return 0;
      }
      user = stored.map(Login::user).filter(name -> !name.equals("<token>")).orElse("");
      user = asked("Username" + (user.isEmpty() ? "" : " (" + user + ")") + ": ", user, false);
    }
    if (user.isEmpty()) {
      user = asked("Username: ", "", false);
    }
    if (piped) {
      secret = PasswordInput.piped();
    } else if (secret.isEmpty()) {
      secret = asked("Password: ", "", true);
    }
    if (secret.isEmpty()) {
      throw new CommandFailure("password is empty", 1);
    }
    store(checked(new Login(user, secret)));
    say("Login Succeeded\n");
    return 0;
  }

  private Optional<Login> stored() {
    try {
      return config.login(registry);
    } catch (IOException e) {
      warn(String.valueOf(e.getMessage()));
      return Optional.empty();
    }
  }

  private boolean isStillGood(Login stored) throws IOException {
    String name = stored.user().equals("<token>") ? "" : " [Username: " + stored.user() + "]";
    say("Authenticating with existing credentials..." + name + "\n");
    try {
      checked(stored);
      return true;
    } catch (CommandFailure e) {
      if (!e.isForbidden()) {
        throw e;
      }
      warn("the stored login is refused: " + e.getMessage());
      return false;
    }
  }

  /** What is to be kept of a login that the registry takes. */
  private Login checked(Login login) throws IOException {
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("arguments", List.of(registry));
    members.put(
        CallerLogins.MEMBER,
        Map.of(registry, Map.of("user", login.user(), "secret", login.secret())));
    String answer = Engines.text(invocation, "login", new Json().value(members).toString());
    Map<String, String> kept = FlatJson.parse(answer);
    return new Login(
        kept.getOrDefault("user", login.user()), kept.getOrDefault("secret", login.secret()));
  }

  private void store(Login login) {
    try {
      if (config.store(registry, login)) {
        warn(
            "Your credentials are stored unencrypted in '"
                + file
                + "'.\nConfigure a credential helper (credsStore in that file) to remove this warning.");
      }
    } catch (IOException e) {
      throw new CommandFailure("the login is good, but cannot be stored: " + reason(e), 1);
    }
  }

  private static String reason(IOException e) {
    String text = String.valueOf(e.getMessage());
    return e instanceof AccessDeniedException ? "permission denied: " + text : text;
  }

  private static String asked(String prompt, String otherwise, boolean silent) throws IOException {
    if (!Consoles.current().isTerminal(0)) {
      throw new CommandFailure(
          "cannot perform an interactive login from a non TTY device;"
              + " give --username, and the password by --password-stdin",
          1);
    }
    String answer = PasswordInput.asked(prompt, silent);
    if (answer.isEmpty() && otherwise.isEmpty() && !silent) {
      throw new CommandFailure("username is empty", 1);
    }
    return answer.isEmpty() ? otherwise : answer;
  }

  private static void say(String text) throws IOException {
    Consoles.current().out().write(text.getBytes(StandardCharsets.UTF_8));
  }

  private static void warn(String text) {
    Consoles.current().complain(Printable.text("WARNING! " + text) + "\n");
  }
}
