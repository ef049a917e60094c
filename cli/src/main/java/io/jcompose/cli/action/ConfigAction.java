package io.jcompose.cli.action;

import io.jcompose.cli.command.Invocation;
import io.jcompose.cli.local.LoadRequests;
import io.jcompose.cli.local.PublishedProjects;
import io.jcompose.cli.request.Engines;
import io.jcompose.cli.request.NeededLogins;
import io.jcompose.cli.request.ProjectRequest;
import io.jcompose.cli.terminal.CommandFailure;
import io.jcompose.cli.terminal.Consoles;
import io.jcompose.cli.terminal.Printable;
import io.jcompose.cli.wire.FlatJson;
import io.jcompose.cli.wire.HttpAnswer;
import io.jcompose.compose.ConfigAnswer;
import io.jcompose.compose.ConfigCommand;
import io.jcompose.compose.ConfigQuery;
import io.jcompose.compose.ProjectLoader;
import io.jcompose.core.JcomposeException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * {@code jcompose config}: by the warm engine where one answers, else in this process, for which
 * bin/jcompose gave it the parser's jars. Only digests want an engine, which is started then.
 */
final class ConfigAction {
  /**
   * What bin/jcompose chose: {@code local} where no engine listens, with few jars; {@code all} with
   * all of them; {@code engine} where one listens. Empty without bin/jcompose.
   */
  private static final String PLACE = System.getProperty("jcompose.config", "");

  private static final String TOO_LARGE = "the project is too large";

  private ConfigAction() {}

  static int run(Invocation invocation) throws IOException {
    if (!invocation.text("output").isEmpty()) {
      Consoles.current().requireOwn();
    }
    boolean asksRegistries =
        invocation.has("resolve-image-digests") || invocation.has("lock-image-digests");
    if (asksRegistries) {
      return remote(invocation, NeededLogins.of(invocation, "config"));
    }
    if (PLACE.equals("local")
        || PLACE.equals("all")
        || Engines.remote(invocation) != null
        || !Engines.running(invocation).isUp()) {
      return Local.run(invocation);
    }
    try {
      return remote(invocation, Map.of());
    } catch (CommandFailure e) {
      // This process may have more memory than the engine.
      if (PLACE.isEmpty() || !String.valueOf(e.getMessage()).contains(TOO_LARGE)) {
        throw e;
      }
      return Local.withAllJars();
    }
  }

  private static int remote(Invocation invocation, Map<String, Object> extra) throws IOException {
    try (HttpAnswer answer =
        Engines.of(invocation)
            .post("/jcompose/v1/config", ProjectRequest.text(invocation, extra), false)) {
      Map<String, String> members = FlatJson.parse(answer.text());
      return print(
          invocation,
          members.getOrDefault("text", ""),
          members.getOrDefault("warnings", ""),
          Integer.parseInt(members.getOrDefault("exitCode", "0")));
    }
  }

  private static int print(Invocation invocation, String text, String warnings, int exitCode)
      throws IOException {
    for (String warning : warnings.isEmpty() ? new String[0] : warnings.split("\n")) {
      Consoles.current().complain(Printable.text("WARN[0000] " + warning + "\n"));
    }
    String output = invocation.text("output");
    if (output.isEmpty()) {
      String shown =
          Consoles.current().isTerminal(1)
              ? Printable.text(text)
              : text; // images' names are any text
      Consoles.current().out().write(shown.getBytes(StandardCharsets.UTF_8));
      return exitCode;
    }
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    try {
      Files.write(Path.of(Consoles.current().folder()).resolve(output), bytes);
    } catch (IOException e) {
      throw new CommandFailure("cannot write " + output + ": " + e, 1);
    }
    return exitCode;
  }

  /** Apart, so that a command line that asks the engine needs none of the parser's classes. */
  private static final class Local {
    static int run(Invocation invocation) throws IOException {
      try {
        ProjectLoader loader =
            new ProjectLoader(new PublishedProjects(Path.of(invocation.config())));
        ConfigAnswer answer = new ConfigCommand(loader).answer(query(invocation));
        return print(
            invocation, answer.text(), String.join("\n", answer.warnings()), answer.exitCode());
      } catch (JcomposeException e) {
        throw new CommandFailure(String.valueOf(e.getMessage()), 1);
      } catch (NoClassDefFoundError e) {
        if (!PLACE.equals("local")) {
          throw e;
        }
        return withAllJars();
      }
    }

    /** Files from registries are rare; reading them takes more jars than the usual start has. */
    private static int withAllJars() throws IOException {
      List<String> words = List.of(Files.readString(Path.of("/proc/self/cmdline")).split("\0", -1));
      int main = words.indexOf("io.jcompose.cli.Main");
      List<String> command = new ArrayList<>();
      command.add(System.getProperty("jcompose.home", "") + "/lib/jcompose-java");
      command.addAll(words.subList(main + 1, words.size() - 1));
      ProcessBuilder again = new ProcessBuilder(command).inheritIO();
      again.environment().put("JCOMPOSE_ALL_JARS", "1");
      try {
        return again.start().waitFor();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return 130;
      }
    }

    private static ConfigQuery query(Invocation invocation) throws IOException {
      Set<String> flags = new HashSet<>();
      for (String flag : ConfigQuery.FLAGS) {
        if (invocation.has(flag)) {
          flags.add(flag);
        }
      }
      Map<String, String> values = new HashMap<>();
      for (String option : ConfigQuery.VALUES) {
        values.put(option, invocation.text(option));
      }
      return new ConfigQuery(
          LoadRequests.of(ProjectRequest.ofProject(invocation), invocation.env()), flags, values);
    }
  }
}
