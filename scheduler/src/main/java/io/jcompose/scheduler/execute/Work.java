package io.jcompose.scheduler.execute;

import io.jcompose.compose.Positions;
import io.jcompose.core.Progress;
import io.jcompose.scheduler.plan.Operation;
import io.jcompose.scheduler.plan.Plan;
import io.jcompose.scheduler.queue.Command;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One command in progress: what its plans are carried out with.
 *
 * @param positions of the command's files, for messages; none where it has no files
 */
public record Work(Ports ports, Progress progress, Operations operations, Positions positions) {

  public static Work of(
      String project, Ports ports, Conditions conditions, Progress progress, Command command) {
    return new Work(
        ports,
        progress,
        new Operations(project, ports, conditions, progress, command, new Outcomes(), null, ""),
        Positions.NONE);
  }

  /** The same with a limit for {@code --wait}. */
  public Work until(@Nullable Duration limit) {
    return limit == null ? this : new Work(ports, progress, operations.until(limit), positions);
  }

  /** The same for what was read from files. */
  public Work at(Positions places) {
    return new Work(ports, progress, operations, places);
  }

  public void execute(Plan plan) {
    execute(plan, operations);
  }

  /** Carries the plan out, each step through {@code steps}. */
  public void execute(Plan plan, Consumer<Operation> steps) {
    plan.warnings()
        .forEach(
            text ->
                progress.report(
                    Progress.Step.of("Project " + operations.project(), "Warning", text)));
    Executor.run(plan, steps, operations.command());
  }
}
