package io.jcompose.scheduler.command;

import io.jcompose.core.Images.ImageView;
import io.jcompose.core.Progress;
import io.jcompose.scheduler.UpOptions;
import io.jcompose.scheduler.desired.Desired;
import io.jcompose.scheduler.desired.ImageNeeds;
import io.jcompose.scheduler.desired.Translation;
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
   * @param progress is notified of what speaks against it or is left out
   */
  public List<String> up(
      Translation translation, Set<String> selected, UpOptions options, Progress progress) {
    Desired desired = translation.desired();
    List<String> lines = new ArrayList<>();
    Map<String, String> ids = new HashMap<>();
    ImageNeeds needs =
        new ImageNeeds(
            desired.services(selected), translation.builds(), options.pull(), options.building());
    for (WantedImage wanted : WantedImage.of(needs)) {
      String id = ports.images().find(wanted.reference()).map(ImageView::id).orElse("");
      String line = line(wanted, id);
      if (!line.isEmpty()) {
        lines.add(line);
      }
      if (!id.isEmpty()) {
        wanted.references().forEach(name -> ids.put(name, id));
      }
    }
    Observed observed = ports.observe(desired.project(), desired, ids);
    ProjectPlan plan = Reconciler.up(desired, observed, options, observed.runs().keySet());
    Preflight.check(ports, plan, translation.positions(), progress);
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

  /** Empty for an image that stays as it is. */
  private static String line(WantedImage wanted, String id) {
    if (wanted.rebuilt()) {
      return "build image " + wanted.reference() + " (that is asked for)";
    }
    if (!id.isEmpty()) {
      return "";
    }
    if (wanted.policy() == WantedImage.Policy.NEVER) {
      return wanted.buildable() ? "build image " + wanted.reference() + " (it is not there)" : "";
    }
    return "pull image "
        + wanted.reference()
        + (wanted.buildable() ? ", or build it" : "")
        + " (it is not there)";
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
      case Operation.BuildImages op -> op.text();
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
