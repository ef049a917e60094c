package io.jcompose.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The {@code jcompose} program. */
public final class Main {
  // As launcher.c has them.
  private static final String LAUNCHED = "JCOMPOSE_KEPT";
  private static final List<String> KEPT =
      List.of("JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS", "JDK_JAVA_OPTIONS", "LC_ALL");

  private Main() {}

  public static void main(String[] arguments) {
    int code = run(arguments, environment(System.getenv()));
    // Nothing of this short process needs to be torn down.
    if (System.getenv("JCOMPOSE_AOT_TRAIN") == null) {
      Runtime.getRuntime().halt(code);
    }
    System.exit(code);
  }

  /** The caller's variables, as they were before the launcher changed them for this runtime. */
  static Map<String, String> environment(Map<String, String> given) {
    if (!given.containsKey(LAUNCHED)) {
      return given;
    }
    Map<String, String> callers = new HashMap<>(given);
    callers.remove(LAUNCHED);
    for (String name : KEPT) {
      callers.remove(name);
      String value = callers.remove(LAUNCHED + "_" + name);
      if (value != null) {
        callers.put(name, value);
      }
    }
    return callers;
  }

  static int run(String[] arguments, Map<String, String> env) {
    try {
      return dispatch(Arrays.asList(arguments), env);
    } catch (CommandFailure e) {
      if (!String.valueOf(e.getMessage()).isEmpty()) {
        complain(String.valueOf(e.getMessage()));
      }
      return e.exitCode();
    } catch (IOException e) {
      complain("lost the engine: " + e.getMessage());
      return 1;
    } catch (RuntimeException e) {
      // An engine of another host may answer anything: what is shown of it obeys no escape.
      StringWriter trace = new StringWriter();
      e.printStackTrace(new PrintWriter(trace));
      complain("jcompose failed, by a fault of its own or of the engine's answer: " + trace);
      return 1;
    }
  }

  private static int dispatch(List<String> arguments, Map<String, String> env) throws IOException {
    CommandLineParser.Parsed globals = CommandLineParser.parse(CommandLineParser.GLOBAL, arguments);
    List<String> rest = globals.rest();
    if (globals.options().containsKey("version")) {
      rest = List.of("version");
    }
    if (rest.isEmpty() || rest.get(0).equals("help") || globals.options().containsKey("help")) {
      return Help.print(rest);
    }
    if (rest.get(0).equals("compose")) {
      return dispatch(withoutCompose(arguments, rest), env);
    }
    Command command = Commands.find(rest.get(0));
    if (command == null) {
      throw new CommandFailure(Unknown.command(rest.get(0)), 1);
    }
    List<String> words = new ArrayList<>(rest.subList(1, rest.size()));
    // As Docker's: it may stand on either side of the command.
    if (!command.flagsStopAtArguments && words.remove("--dry-run")) {
      globals.options().put("dry-run", true);
    }
    Map<String, String> given = new HashMap<>(env);
    if (globals.options().get("host") instanceof String host) {
      given.put("JCOMPOSE_HOST", host);
    }
    Invocation outer =
        new Invocation(command, globals.options(), Map.of(), List.of(), given, new StandardInput());
    return run(command, words, outer);
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
  static int run(Command command, List<String> words, Invocation outer) throws IOException {
    CommandLineParser.Parsed parsed = CommandLineParser.parse(command, words);
    if (parsed.options().containsKey("help")) {
      return Help.print(command);
    }
    checkCount(command, parsed.rest());
    if (outer.isDry() && !Set.of("up", "create").contains(command.name)) {
      throw new CommandFailure(
          "'jcompose " + command.name + "' has no --dry-run: only `up` and `create` have", 1);
    }
    return command.action.run(
        new Invocation(
            command, outer.globals(), parsed.options(), parsed.rest(), outer.env(), outer.input()));
  }

  private static void checkCount(Command command, List<String> words) {
    if (words.size() < command.leastArguments) {
      throw new CommandFailure(
          "'jcompose "
              + command.name
              + "' requires at least "
              + command.leastArguments
              + (command.leastArguments == 1 ? " argument" : " arguments")
              + seeHelp(command),
          1);
    }
    if (words.size() > command.mostArguments) {
      String surplus = String.join(" ", words.subList(command.mostArguments, words.size()));
      throw new CommandFailure(
          "'jcompose "
              + command.name
              + "' does not take so many arguments: "
              + surplus
              + seeHelp(command),
          1);
    }
  }

  private static String seeHelp(Command command) {
    return "\nUsage:  " + Help.usage(command) + "\nSee 'jcompose " + command.name + " --help'.";
  }

  private static void complain(String message) {
    byte[] bytes = (Printable.text(message) + "\n").getBytes(StandardCharsets.UTF_8);
    System.err.write(bytes, 0, bytes.length);
    System.err.flush();
  }
}
