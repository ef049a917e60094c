package io.jcompose.runtime.plan;

import java.util.ArrayList;
import java.util.List;

/** Where a program may be: its own path, or what PATH makes of its name (man 3 execvp). */
final class ProgramPaths {
  private static final String DEFAULT =
      "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
  private static final int PATH_MAX = 4096;

  private ProgramPaths() {}

  static List<String> of(String program, List<String> env) {
    if (program.isEmpty() || program.indexOf('/') >= 0) {
      return program.isEmpty() ? List.of() : List.of(program);
    }
    String path = DEFAULT;
    for (String variable : env) {
      path = variable.startsWith("PATH=") ? variable.substring(5) : path;
    }
    List<String> all = new ArrayList<>();
    for (String directory : path.split(":", -1)) {
      String full = (directory.isEmpty() ? "." : directory) + "/" + program;
      if (full.length() < PATH_MAX) {
        all.add(full);
      }
    }
    return all;
  }
}
