package io.jcompose.cli.docker;

import io.jcompose.cli.command.Command;
import io.jcompose.cli.command.CommandLineParser;
import io.jcompose.cli.command.DockerCommands;
import io.jcompose.cli.command.Invocation;
import io.jcompose.cli.help.DockerHelp;
import io.jcompose.cli.help.Help;
import io.jcompose.cli.terminal.CommandFailure;
import io.jcompose.cli.terminal.Consoles;
import io.jcompose.cli.terminal.StandardInput;
import io.jcompose.cli.wire.Version;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** A command line in docker's words: {@code docker ps} where that is a link to this program. */
public final class DockerLine {
  private static final String HOST = "JCOMPOSE_HOST";
  private static final String DOCKERS_HOST = "DOCKER_HOST";

  private DockerLine() {}

  /** Carries out what follows {@code docker compose}. */
  @FunctionalInterface
  public interface Compose {
    int run(List<String> arguments, Map<String, String> env) throws IOException;
  }

  /**
   * Carries it out; returns the exit code.
   *
   * @param arguments without the program's name
   */
  public static int run(List<String> arguments, Map<String, String> env, Compose compose)
      throws IOException {
    CommandLineParser.Parsed globals = CommandLineParser.parse(DockerCommands.globals(), arguments);
    List<String> words = globals.rest();
    if (globals.has("version")) {
      Consoles.current().say("Docker version " + Version.TEXT + ", build jcompose\n");
      return 0;
    }
    if (words.isEmpty() || words.getFirst().equals("help") || globals.has("help")) {
      return DockerHelp.print(words.isEmpty() ? words : words.subList(1, words.size()));
    }
    Map<String, String> meant = environment(globals.options(), env);
    String word = words.getFirst();
    if (word.equals(Plugin.COMMAND)) {
      return Plugin.print();
    }
    List<String> rest = words.subList(1, words.size());
    if (word.equals("compose")) {
      return compose.run(rest, meant);
    }
    if (DockerCommands.isGroup(word)) {
      return member(word, rest, meant);
    }
    Command command = DockerCommands.find(word);
    if (command == null) {
      throw unknown(word);
    }
    return run(command, rest, meant);
  }

  private static CommandFailure unknown(String word) {
    String why = DockerCommands.refusal(word);
    return new CommandFailure(
        why == null
            ? "docker: unknown command: docker "
                + word
                + "\n\nRun 'docker --help' for more information"
            : "docker: 'docker " + word + "' is not supported by jcompose: " + why,
        1);
  }

  private static int member(String group, List<String> words, Map<String, String> env)
      throws IOException {
    if (words.isEmpty() || words.getFirst().equals("--help")) {
      return DockerHelp.print(List.of(group));
    }
    Command command = DockerCommands.member(group, words.getFirst());
    if (command == null && group.equals("buildx")) {
      throw new CommandFailure(
          "docker: 'docker buildx "
              + words.getFirst()
              + "' is not supported by jcompose: images are built by `docker build`",
          1);
    }
    if (command == null) {
      throw new CommandFailure(
          "docker: unknown command: docker "
              + group
              + " "
              + words.getFirst()
              + "\n\nUsage:  docker "
              + group
              + "\n\nRun 'docker "
              + group
              + " --help' for more information",
          1);
    }
    return run(command, words.subList(1, words.size()), env);
  }

  private static int run(Command command, List<String> words, Map<String, String> env)
      throws IOException {
    CommandLineParser.Parsed parsed = CommandLineParser.parse(command, words);
    if (parsed.has("help")) {
      return Help.print(command);
    }
    checkCount(command, parsed.rest().size());
    Map<String, Object> globals = Map.of("docker", true);
    return DockerActions.of(command.name())
        .run(
            new Invocation(
                command, globals, parsed.options(), parsed.rest(), env, new StandardInput()));
  }

  private static void checkCount(Command command, int count) {
    int least = command.leastArguments();
    int most = command.mostArguments();
    if (count >= least && count <= most) {
      return;
    }
    boolean exact = least == most;
    String wanted;
    if (most == 0) {
      wanted = "accepts no arguments";
    } else if (exact) {
      wanted = "requires " + arguments(least);
    } else if (least > 0 && most < Integer.MAX_VALUE) {
      wanted = "requires at least " + least + " and at most " + arguments(most);
    } else {
      wanted =
          least > 0
              ? "requires at least " + arguments(least)
              : "requires at most " + arguments(most);
    }
    String title = command.title();
    throw new CommandFailure(
        "docker: '"
            + title
            + "' "
            + wanted
            + "\n\nUsage:  "
            + Help.usage(command)
            + "\n\n"
            + (wanted.startsWith("requires at least") ? "See" : "Run")
            + " '"
            + title
            + " --help' for more information",
        1);
  }

  private static String arguments(int count) {
    return count + (count == 1 ? " argument" : " arguments");
  }

  /** The variables by which the engine and the caller's docker configuration are found. */
  private static Map<String, String> environment(
      Map<String, Object> options, Map<String, String> env) {
    Map<String, String> meant = new HashMap<>(env);
    if (options.get("config") instanceof String config) {
      meant.put("DOCKER_CONFIG", config);
    }
    String host = Objects.requireNonNullElse(options.get("host"), "").toString();
    if (host.isEmpty() && env.getOrDefault(HOST, "").isEmpty()) {
      host = env.getOrDefault(DOCKERS_HOST, "");
    }
    if (!host.isEmpty()) {
      requireReachable(host);
      meant.put(HOST, host);
    }
    String context = Objects.requireNonNullElse(options.get("context"), "default").toString();
    if (!context.equals("default")) {
      throw new CommandFailure(
          "docker: --context "
              + context
              + " is not supported by jcompose: an engine is chosen by -H or DOCKER_HOST",
          1);
    }
    return meant;
  }

  private static void requireReachable(String host) {
    if (!host.startsWith("unix://") && !host.startsWith("ssh://") && host.contains("://")) {
      throw new CommandFailure(
          "docker: "
              + host
              + " is not supported by jcompose: an engine is reached by unix:// or ssh://",
          1);
    }
  }
}
