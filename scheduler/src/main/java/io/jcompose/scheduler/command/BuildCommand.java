package io.jcompose.scheduler.command;

import io.jcompose.core.Progress;
import io.jcompose.core.build.BuildSpec;
import io.jcompose.core.build.Builds;
import io.jcompose.scheduler.execute.ImageBuilds;
import io.jcompose.scheduler.queue.Command;
import java.util.List;
import java.util.Map;

/** {@code build}: makes images of Dockerfiles; needs no turn, and ends with its caller. */
public record BuildCommand(Builds builds) {

  /**
   * The image ids by the names that they got.
   *
   * @param warnings told before
   */
  public Map<String, String> carryOut(
      List<BuildSpec> specs, List<String> warnings, Progress progress) {
    warnings.forEach(text -> progress.report(Progress.Step.of("Build", "Warning", text)));
    try (Command command = Command.withoutTurn("build", progress)) {
      return new ImageBuilds(builds, progress, command).build(specs);
    }
  }
}
