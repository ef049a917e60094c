package io.jcompose.cli.view;

import java.io.IOException;
import java.util.Map;

/**
 * Shows nothing of work but what must be told in any case: warnings with words of their own, and
 * which container, image or network failed, which the error at the end does not name, with what a
 * failed step of a build printed.
 */
final class QuietProgress implements ProgressView {
  private final LineProgress lines;

  QuietProgress(LineProgress lines) {
    this.lines = lines;
  }

  @Override
  public void step(Map<String, String> members, String line) throws IOException {
    boolean printed = StepOutput.is(members); // by a step that failed
    if (printed || ProgressView.isWarning(members) || "Error".equals(members.get("status"))) {
      lines.step(members, line);
    }
  }

  @Override
  public void close() {}
}
