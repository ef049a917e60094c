package io.jcompose.scheduler.execute;

import io.jcompose.compose.Positions;
import io.jcompose.core.Progress;
import io.jcompose.scheduler.plan.Operation;
import io.jcompose.scheduler.plan.ProjectPlan;
import io.jcompose.scheduler.queue.Command;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One command in progress: what its plans are carried out with.
 *
 * @param positions of the command's files, for messages; none where it has no files
 */
public record CommandContext(
    EnginePorts ports, Progress progress, Operations operations, Positions positions) {

  public static CommandContext of(
      String project,
      EnginePorts ports,
      Conditions conditions,
      Progress progress,
      Command command) {
    return new CommandContext(
        ports,
        progress,
        new Operations(project, ports, conditions, progress, command, new StepResults(), null, ""),
        Positions.NONE);
  }

  public Command command() {
    return operations.command();
  }

  /** Pulls and builds that end with the command. */
  public ImageSupply images() {
    return new ImageSupply(ports.images(), ports.builds(), progress, command());
  }

  /** Waits for the command's turn; does nothing for one that needs none. */
  public void enter() {
    command().enter(operations.project(), progress);
  }

  /** The same with a limit for {@code --wait}. */
  public CommandContext until(@Nullable Duration limit) {
    return limit == null
        ? this
        : new CommandContext(ports, progress, operations.until(limit), positions);
  }

  /** The same for what was read from files. */
  public CommandContext at(Positions places) {
    return new CommandContext(ports, progress, operations, places);
  }

  public void execute(ProjectPlan plan) {
    execute(plan, operations);
  }

  /** Carries the plan out, each step through {@code steps}. */
  public void execute(ProjectPlan plan, Consumer<Operation> steps) {
    plan.warnings()
        .forEach(
            text ->
                progress.report(
                    Progress.Step.of("Project " + operations.project(), "Warning", text)));
    Executor.run(plan, steps, command());
  }
}
