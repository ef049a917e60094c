package io.jcompose.cli;

import io.jcompose.cli.terminal.CommandFailure;
import io.jcompose.cli.terminal.Console;
import io.jcompose.cli.terminal.Consoles;
import io.jcompose.cli.terminal.Printable;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The {@code jcompose} program. */
public final class Main {
  // As launcher.c has them.
  private static final String LAUNCHED = "JCOMPOSE_KEPT";
  private static final List<String> KEPT =
      List.of("JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS", "JDK_JAVA_OPTIONS", "LC_ALL");

  private Main() {}

  public static void main(String[] arguments) {
    int code = run(Arrays.asList(arguments), environment(System.getenv()));
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

  static int run(List<String> arguments, Map<String, String> env) {
    try {
      return Dispatch.run(arguments, env);
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
    Consoles.current().complain(Printable.text(message) + "\n");
  }
}
