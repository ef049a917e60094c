package io.jcompose.cli.view;

import java.io.IOException;
import java.util.Map;
import java.util.Set;

/** Shows work in progress on standard error. Owned by the command; confined to one thread. */
public interface ProgressView extends AutoCloseable {
  /** What is told beside the output of containers too: which of them it is about. */
  Set<String> TOLD = Set.of("Error", "Warning");

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
}
