package io.jcompose.cli;

import java.io.IOException;
import java.util.Map;

/** Shows work in progress on standard error. Owned by the command; confined to one thread. */
interface ProgressView extends AutoCloseable {
  /**
   * One report.
   *
   * @param members as the engine sent them: id, parent_id, status, text, current, total
   * @param line the same as it came
   */
  void step(Map<String, String> members, String line) throws IOException;

  /** Draws the last state and stops. */
  @Override
  void close();

  /** Stops while work goes on: what is not done is no longer shown. */
  default void leave() {
    close();
  }

  /** Whether a report is a warning with words of its own, which is never left out or shortened. */
  static boolean isWarning(Map<String, String> members) {
    return "Warning".equals(members.get("status")) && !members.getOrDefault("text", "").isEmpty();
  }

  /** The view for output that other lines come between. */
  static ProgressView lines(Invocation invocation) {
    return invocation.progress().equals("tty") ? new LineProgress(false) : of(invocation, "");
  }

  /** The view for {@code tty}, {@code plain}, {@code json} or {@code quiet}. */
  static ProgressView of(Invocation invocation, String title) {
    String kind = invocation.has("quiet") ? "quiet" : invocation.progress();
    switch (kind) {
      case "tty":
        return new TtyProgress(title, invocation.hasColour(2));
      case "json":
        return new LineProgress(true);
      case "quiet":
        return new QuietProgress(new LineProgress(false));
      case "plain":
        return new LineProgress(false);
      default:
        throw new CommandFailure("unsupported --progress value \"" + kind + "\"", 1);
    }
  }
}
