package io.jcompose.build.solve;

import io.jcompose.build.dockerfile.Dockerfile;
import io.jcompose.build.instruction.Place;
import io.jcompose.core.JcomposeException;
import java.util.List;

/** Says where in a Dockerfile a step failed, with the lines around it. */
final class Failure {
  private static final int AROUND = 2;
  private static final int LONGEST = 200;
  private static final int MOST_LINES = 20;

  private Failure() {}

  /** The same kind of error, with its place. */
  static JcomposeException at(JcomposeException e, Dockerfile file, Place place) {
    String message =
        "%s:%d:%d: %s%s"
            .formatted(
                file.name(), place.line(), place.column(), e.getMessage(), excerpt(file, place));
    return switch (e) {
      case JcomposeException.NotFound n -> new JcomposeException.NotFound(message);
      case JcomposeException.InvalidArgument i -> new JcomposeException.InvalidArgument(message, i);
      case JcomposeException.Unavailable u -> new JcomposeException.Unavailable(message, u);
      case JcomposeException.Cancelled c -> c;
      case JcomposeException.CommandFailed f ->
          new JcomposeException.CommandFailed(message, f.exitCode());
      case JcomposeException.NotSupported n -> new JcomposeException.NotSupported(message);
      default -> new JcomposeException.Conflict(message);
    };
  }

  static String excerpt(Dockerfile file, Place place) {
    int from = Math.max(1, place.line() - AROUND);
    int to = Math.min(file.lines().size(), place.endLine() + AROUND);
    StringBuilder text = new StringBuilder("\n--------------------");
    for (int i = from; i <= to && i < from + MOST_LINES; i++) {
      boolean own = i >= place.line() && i <= place.endLine();
      String line = file.lines().get(i - 1).stripTrailing();
      text.append(
          "\n%4d | %s %s"
              .formatted(
                  i,
                  own ? ">>>" : "   ",
                  line.length() > LONGEST ? line.substring(0, LONGEST) + "…" : line));
    }
    return text.append("\n--------------------").toString();
  }

  /** The last lines that a command printed. */
  static String output(List<String> lines) {
    return lines.isEmpty() ? "" : "\n" + String.join("\n", lines);
  }
}
