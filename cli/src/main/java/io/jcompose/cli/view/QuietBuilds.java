package io.jcompose.cli.view;

import java.io.IOException;
import java.util.Map;

/**
 * Shows another view's progress without that of builds, nor what checks of Dockerfiles find; but
 * for what a failed step printed.
 */
final class QuietBuilds implements ProgressView {
  private final ProgressView view;
  private final StepOutput output = new StepOutput();

  QuietBuilds(ProgressView view) {
    this.view = view;
  }

  @Override
  public void step(Map<String, String> members, String line) throws IOException {
    if (StepOutput.is(members)) {
      output.add(members, line);
      return;
    }
    boolean failed = "Error".equals(members.get("status"));
    for (StepOutput.Line kept : output.taken(members)) {
      if (failed) {
        view.step(kept.members(), kept.json());
      }
    }
    boolean warns = ProgressView.isWarning(members) && !StepOutput.isCheck(members);
    if (failed || warns || !StepOutput.isOfBuild(members)) {
      view.step(members, line);
    }
  }

  @Override
  public void close() {
    view.close();
  }

  @Override
  public void leave() {
    view.leave();
  }
}
