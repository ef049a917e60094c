package io.jcompose.scheduler.command;

import io.jcompose.compose.Positions;
import io.jcompose.core.Images.ImageView;
import io.jcompose.core.Progress;
import io.jcompose.scheduler.UpOptions;
import io.jcompose.scheduler.desired.Desired;
import io.jcompose.scheduler.desired.WantedImage;
import io.jcompose.scheduler.execute.EnginePorts;
import io.jcompose.scheduler.execute.Preflight;
import io.jcompose.scheduler.plan.Observed;
import io.jcompose.scheduler.plan.Operation;
import io.jcompose.scheduler.plan.ProjectPlan;
import io.jcompose.scheduler.plan.Reconciler;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What an {@code up} would do, as sentences; it changes nothing and needs no turn. */
public record DryRun(EnginePorts ports) {

  /**
   * The steps that a person would notice, each with its cause; empty when nothing would change.
   *
   * @param positions of the project's files
   * @param progress is notified of what speaks against it or is left out
   */
  public List<String> up(
      Desired desired,
      Set<String> selected,
      UpOptions options,
      Positions positions,
      Progress progress) {
    List<String> lines = new ArrayList<>();
    Map<String, String> ids = new HashMap<>();
    for (WantedImage wanted : WantedImage.of(desired.services(selected), options.pull())) {
      String id = ports.images().find(wanted.reference()).map(ImageView::id).orElse("");
      if (id.isEmpty()) {
        lines.add("pull image " + wanted.reference() + " (it is not there)");
      } else {
        wanted.references().forEach(name -> ids.put(name, id));
      }
    }
    Observed observed = ports.observe(desired.project(), desired, ids);
    ProjectPlan plan = Reconciler.up(desired, observed, options, observed.runs().keySet());
    Preflight.check(ports, plan, positions, progress);
    plan.warnings()
        .forEach(
            text ->
                progress.report(Progress.Step.of("Project " + desired.project(), "Warning", text)));
    for (ProjectPlan.Step step : plan.steps()) {
      String line = line(step.operation());
      if (!line.isEmpty()) {
        lines.add(line + " (" + step.cause() + ")");
      }
    }
    return lines;
  }

  /** Empty for what only serves another step. */
  private static String line(Operation operation) {
    return switch (operation) {
      case Operation.CreateContainer op ->
          (op.recreation().isEmpty() ? "create container " : "recreate container ")
              + op.shownName();
      case Operation.StopContainer op -> op.quiet() ? "" : op.text();
      case Operation.RemoveContainer op -> op.quiet() ? "" : op.text();
      case Operation.PullImage op -> op.text();
      case Operation.CreateNetwork op -> op.text();
      case Operation.ReplaceNetwork op -> op.text();
      case Operation.RemoveNetwork op -> op.text();
      case Operation.CreateVolume op -> op.text();
      case Operation.RemoveVolume op -> op.text();
      case Operation.RemoveImage op -> op.text();
      case Operation.StartContainer op -> op.text();
      case Operation.UpdateContainer op -> op.text();
      case Operation.KillContainer op -> op.text();
      case Operation.PauseContainer op -> op.text();
      case Operation.AllMade op -> "";
      case Operation.KeepContainer op -> "";
      case Operation.RenameContainer op -> "";
      case Operation.AwaitCondition op -> "";
      case Operation.AwaitRunning op -> "";
    };
  }
}
