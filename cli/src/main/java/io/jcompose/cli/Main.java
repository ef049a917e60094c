package io.jcompose.cli;

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
    int code = Dispatch.run(Arrays.asList(arguments), environment(System.getenv()));
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
}
