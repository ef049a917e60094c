package io.jcompose.build.dockerfile;

import io.jcompose.core.JcomposeException;
import java.util.List;
import java.util.stream.Collectors;

/** Everything that is wrong in a Dockerfile. */
public final class DockerfileException extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private static final int MAX_SHOWN = 160;

  private final String name;
  private final transient List<Problem> problems;

  /**
   * @param name the Dockerfile, as messages call it
   * @param problems at least one, in the order of the file
   */
  public DockerfileException(String name, List<Problem> problems) {
    super(
        problems.stream().map(each -> line(name, each)).collect(Collectors.joining("\n")),
        null,
        false,
        false);
    this.name = name;
    this.problems = List.copyOf(problems);
  }

  public List<Problem> problems() {
    return problems;
  }

  /**
   * The error for the caller: {@code Dockerfile:3:5: what is wrong}, each with its line below.
   *
   * @param lines of the Dockerfile
   */
  public JcomposeException.InvalidArgument toError(List<String> lines) {
    return new JcomposeException.InvalidArgument(
        problems.stream()
            .map(each -> line(name, each) + shown(each, lines))
            .collect(Collectors.joining("\n")));
  }

  private static String line(String name, Problem problem) {
    return name
        + ":"
        + problem.place().line()
        + ":"
        + problem.place().column()
        + ": "
        + problem.message();
  }

  private static String shown(Problem problem, List<String> lines) {
    int index = problem.place().line() - 1;
    if (index >= lines.size() || lines.get(index).isBlank()) {
      return "";
    }
    String line = lines.get(index).stripTrailing();
    return "\n    " + (line.length() > MAX_SHOWN ? line.substring(0, MAX_SHOWN) + "…" : line);
  }
}
