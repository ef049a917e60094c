package io.jcompose.cli;

import io.jcompose.cli.action.Actions;
import io.jcompose.cli.command.Command;
import io.jcompose.cli.command.CommandLineParser;
import io.jcompose.cli.command.Commands;
import io.jcompose.cli.command.GlobalOptions;
import io.jcompose.cli.command.Invocation;
import io.jcompose.cli.command.Unknown;
import io.jcompose.cli.docker.DockerActions;
import io.jcompose.cli.docker.DockerLine;
import io.jcompose.cli.docker.Plugin;
import io.jcompose.cli.engine.EngineAction;
import io.jcompose.cli.help.Help;
import io.jcompose.cli.terminal.CommandFailure;
import io.jcompose.cli.terminal.Console;
import io.jcompose.cli.terminal.Consoles;
import io.jcompose.cli.terminal.Printable;
import io.jcompose.cli.terminal.StandardInput;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Finds the command that was typed, parses its words, and gives them to its action. */
final class Dispatch {
  private static final String DRY = "--dry-run";

  /** A word that was typed, and is told of, may have more. */
  private static final int LONGEST_MESSAGE = 1 << 16;

  /** Options before the word docker, and what tells them to it. */
  private static final Map<String, String> DOCKERS_VARIABLES =
      Map.of("host", "JCOMPOSE_HOST", "root", "JCOMPOSE_ROOT");

  private static final String EVERYWHERE = "--all-projects";

  private Dispatch() {}

  /** Runs a whole command line, and tells what went wrong; returns the exit code. */
  static int run(List<String> arguments, Map<String, String> env) {
    try {
      return dispatch(arguments, env, false);
    } catch (CommandFailure e) {
      if (!String.valueOf(e.getMessage()).isEmpty()) {
        complain(String.valueOf(e.getMessage()));
      }
      return e.exitCode();
    } catch (IOException e) {
      if (!Consoles.current().isOwn()) {
        throw new UncheckedIOException(e); // the engine's end, which the client tells
      }
      complain("lost the engine: " + e.getMessage());
      return 1;
    } catch (Console.NotHere e) {
      throw e;
    } catch (RuntimeException e) {
      // An engine of another host may answer anything: what is shown of it obeys no escape.
      StringWriter trace = new StringWriter();
      e.printStackTrace(new PrintWriter(trace));
      complain("jcompose failed, by a fault of its own or of the engine's answer: " + trace);
      return 1;
    }
  }

  private static void complain(String message) {
    String shown =
        message.length() > LONGEST_MESSAGE ? message.substring(0, LONGEST_MESSAGE) + "…" : message;
    Consoles.current().complain(Printable.text(shown) + "\n");
  }

  private static int dispatch(List<String> arguments, Map<String, String> env, boolean isCompose)
      throws IOException {
    CommandLineParser.Parsed globals = CommandLineParser.parse(GlobalOptions.all(), arguments);
    List<String> rest = globals.rest();
    if (globals.has("version")) {
      rest = List.of("version");
    }
    if (!isCompose && !rest.isEmpty() && rest.getFirst().equals("docker")) {
      return docker(globals.options(), rest.subList(1, rest.size()), env);
    }
    if (rest.isEmpty() || rest.get(0).equals("help") || globals.has("help")) {
      return Help.print(rest);
    }
    if (rest.get(0).equals(Plugin.COMMAND)) {
      return Plugin.print();
    }
    if (rest.get(0).equals("compose") && !isCompose) {
      return dispatch(withoutCompose(arguments, rest), env, true);
    }
    Command command = Commands.find(rest.get(0));
    if (command == null) {
      throw new CommandFailure(Unknown.command(rest.get(0)), 1);
    }
    List<String> words = new ArrayList<>(rest.subList(1, rest.size()));
    // As Docker's: it may stand on either side of the command.
    if (!command.stopsAtArguments() && words.remove(DRY)) {
      globals.options().put(DRY.substring(2), true);
    }
    Map<String, String> given = new HashMap<>(env);
    if (globals.options().get("host") instanceof String host) {
      given.put("JCOMPOSE_HOST", host);
    }
    Invocation outer =
        new Invocation(command, globals.options(), Map.of(), List.of(), given, new StandardInput());
    return run(command, words, outer);
  }

  /** Docker's words, which have options of their own. */
  private static int docker(
      Map<String, Object> globals, List<String> words, Map<String, String> env) throws IOException {
    Map<String, String> given = new HashMap<>(env);
    for (Map.Entry<String, Object> option : globals.entrySet()) {
      String variable = DOCKERS_VARIABLES.get(option.getKey());
      if (variable == null) {
        throw new CommandFailure(
            "--" + option.getKey() + " is no option of docker's: `jcompose docker` has its own", 1);
      }
      given.put(variable, option.getValue().toString());
    }
    return DockerLine.run(words, given, (rest, meant) -> dispatch(rest, meant, true));
  }

  /** Where this program is called by docker's name, {@code docker compose up} is {@code up}. */
  private static List<String> withoutCompose(List<String> arguments, List<String> rest) {
    List<String> words = new ArrayList<>(arguments.subList(0, arguments.size() - rest.size()));
    words.addAll(rest.subList(1, rest.size()));
    return words;
  }

  /**
   * Runs a command with its words.
   *
   * @param outer what it is called from
   */
  private static int run(Command command, List<String> words, Invocation outer) throws IOException {
    CommandLineParser.Parsed parsed = CommandLineParser.parse(command, words);
    if (parsed.has("help")) {
      return Help.print(command);
    }
    checkCount(command, parsed.rest());
    if (outer.command().name().equals("container") && command.name().equals("ps")) {
      parsed.options().put("docker", true); // docker's columns, where `ps` has Compose's
    }
    if (outer.isDry() && !Set.of("up", "create").contains(command.name())) {
      throw new CommandFailure(
          "'jcompose " + command.name() + "' has no --dry-run: only `up` and `create` have", 1);
    }
    Invocation invocation =
        new Invocation(
            command, outer.globals(), parsed.options(), parsed.rest(), outer.env(), outer.input());
    if (command.name().equals("engine") && parsed.rest().isEmpty()) {
      Consoles.current().requireOwn(); // an engine is a process
      if (Dispatch.class.getResource("/io/jcompose/core/JcomposeException.class") == null) {
        // the launcher gives the engine's classes to who asks for it in the first words
        throw new CommandFailure(
            "`engine` stands first, behind --root at most: jcompose [--root DIR] engine", 1);
      }
      return EngineAction.run(invocation, Dispatch::run);
    }
    if (command.isGroup()) {
      return member(command, invocation);
    }
    return command.isDockers()
        ? DockerActions.of(command.name()).run(invocation)
        : Actions.of(command.name()).run(invocation);
  }

  /** {@code container WORD} is {@code WORD}; where that lists, of the whole host as docker's. */
  private static int member(Command group, Invocation invocation) throws IOException {
    List<String> given = invocation.arguments();
    if (given.isEmpty()) {
      return Help.print(group);
    }
    Command member = Commands.member(group, given.get(0));
    if (member == null) {
      throw new CommandFailure(
          "no such command: "
              + group.name()
              + " "
              + given.get(0)
              + "\nThere are: "
              + String.join(", ", group.words()),
          1);
    }
    List<String> words = new ArrayList<>();
    if (member.hasOption(EVERYWHERE)) {
      words.add(EVERYWHERE);
    }
    words.addAll(given.subList(1, given.size()));
    return run(member, words, invocation);
  }

  private static void checkCount(Command command, List<String> words) {
    int count = words.size();
    if (count < command.leastArguments()) {
      String least =
          command.leastArguments() + (command.leastArguments() == 1 ? " argument" : " arguments");
      throw refused(command, "requires at least " + least);
    }
    if (count > command.mostArguments()) {
      String surplus = String.join(" ", words.subList(command.mostArguments(), count));
      throw refused(command, "does not take so many arguments: " + surplus);
    }
  }

  private static CommandFailure refused(Command command, String why) {
    return new CommandFailure(
        "'jcompose "
            + command.name()
            + "' "
            + why
            + "\nUsage:  "
            + Help.usage(command)
            + "\nSee 'jcompose "
            + command.name()
            + " --help'.",
        1);
  }
}
