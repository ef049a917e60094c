package io.jcompose.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The {@code jcompose} program. */
public final class Main {
  /** What Docker Compose has and this program has not: who types it has not mistyped it. */
  private static final Set<String> DOCKERS_OWN =
      Set.of("alpha", "bridge", "build", "publish", "push", "watch");

  private Main() {}

  public static void main(String[] arguments) {
    int code = run(arguments, System.getenv());
    // Nothing of this short process needs to be torn down.
    if (System.getenv("JCOMPOSE_AOT_TRAIN") == null) {
      Runtime.getRuntime().halt(code);
    }
    System.exit(code);
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
    }
  }

  private static String ownReason(String name) {
    return name.equals("build") || name.equals("watch")
        ? "images cannot be built; name an existing image by `image:`"
        : "see docs/roadmap.md";
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
    Command command = Commands.find(rest.get(0));
    if (command == null && DOCKERS_OWN.contains(rest.get(0))) {
      throw new CommandFailure(
          "'jcompose " + rest.get(0) + "' is not supported yet: " + ownReason(rest.get(0)), 1);
    }
    if (command == null) {
      Help.print(List.of());
      complain("\nunknown jcompose command: \"" + rest.get(0) + "\"");
      return 1;
    }
    CommandLineParser.Parsed parsed =
        CommandLineParser.parse(command, rest.subList(1, rest.size()));
    if (parsed.options().containsKey("help")) {
      return Help.print(List.of(command.name));
    }
    if (parsed.rest().size() < command.leastArguments) {
      throw new CommandFailure(
          "'jcompose "
              + command.name
              + "' requires at least "
              + command.leastArguments
              + (command.leastArguments == 1 ? " argument" : " arguments")
              + "\nSee 'jcompose "
              + command.name
              + " --help'.",
          1);
    }
    return command.action.run(
        new Invocation(command, globals.options(), parsed.options(), parsed.rest(), env));
  }

  private static void complain(String message) {
    byte[] bytes = (Printable.text(message) + "\n").getBytes(StandardCharsets.UTF_8);
    System.err.write(bytes, 0, bytes.length);
    System.err.flush();
  }
}
