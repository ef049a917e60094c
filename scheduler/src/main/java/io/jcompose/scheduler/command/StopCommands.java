package io.jcompose.scheduler.command;

import io.jcompose.core.ContainerView;
import io.jcompose.scheduler.DownOptions;
import io.jcompose.scheduler.Labels;
import io.jcompose.scheduler.desired.Desired;
import io.jcompose.scheduler.desired.ServiceGraph;
import io.jcompose.scheduler.execute.CommandContext;
import io.jcompose.scheduler.execute.EnginePorts;
import io.jcompose.scheduler.plan.Observed;
import io.jcompose.scheduler.plan.Operation;
import io.jcompose.scheduler.plan.ProjectPlan;
import io.jcompose.scheduler.plan.ServicePlans;
import io.jcompose.scheduler.store.ProjectStore;
import io.jcompose.scheduler.store.ProjectStore.Goal;
import io.jcompose.scheduler.store.ProjectStore.Stored;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Commands that end containers of a project: {@code stop}, {@code kill}, {@code rm}, {@code down
 * SERVICE}. Used in the project's turn, but for a {@code kill} beside it.
 */
public record StopCommands(EnginePorts ports, ProjectStore store) {
  /**
   * Stops, kills or removes the containers that are there. Of an end half done by a crash the next
   * start does the rest.
   */
  void carryOut(
      String project,
      Goal goal,
      @Nullable Desired desired,
      DownOptions asked,
      CommandContext context) {
    // As Docker Compose: to a kill, what the file has lost is an orphan.
    DownOptions options = goal == Goal.KILL ? asked : asked.with(desired);
    Observed all = ports.observe(project, null, Map.of());
    List<ContainerView> meant =
        all.containers().stream()
            .filter(view -> options.means(view) && isMeant(goal, options, view))
            .toList();
    ProjectPlan plan = plan(goal, options, all.graph(desired), meant);
    if (plan.isEmpty()) {
      return;
    }
    carryOut(Stored.ofEnd(project, goal, desired, options, Observed.runs(meant)), plan, context);
  }

  private void carryOut(Stored next, ProjectPlan plan, CommandContext context) {
    // A kill beside a command under way leaves it to that one to be finished.
    boolean noted = next.goal() != Goal.KILL || !store.isUnderWay(next.project());
    if (noted) {
      store.beginRemoval(next);
    }
    Runnable giveUp = noted ? () -> store.withdraw(next) : () -> {};
    try {
      context.command().whileAttended(giveUp, () -> context.execute(plan));
    } finally {
      if (noted && isGone(next)) {
        store.delete(next.project());
      } else if (noted) {
        store.finish(next);
      }
    }
  }

  /** Of a project that only labels told of, nothing is left that could be. */
  private boolean isGone(Stored next) {
    return next.desired() == null
        && ports.containers().list(Map.of(Labels.PROJECT, next.project())).isEmpty();
  }

  /**
   * What is left to do of one that was begun: what was made, started or has ended since is not
   * meant.
   */
  public ProjectPlan rest(Stored begun) {
    DownOptions options = Optional.ofNullable(begun.down()).orElse(DownOptions.DEFAULT);
    Observed all = ports.observe(begun.project(), null, Map.of());
    List<ContainerView> meant =
        all.containers().stream()
            .filter(view -> begun.means(view) && isMeant(begun.goal(), options, view))
            .toList();
    return plan(begun.goal(), options, all.graph(begun.desired()), meant);
  }

  private ProjectPlan plan(
      Goal goal, DownOptions options, ServiceGraph graph, List<ContainerView> meant) {
    Observed observed = Observed.of(meant);
    ServicePlans plans = new ServicePlans(graph, observed);
    return switch (goal) {
      case STOP -> plans.stop(observed.replicas().keySet(), options.timeout());
      case KILL -> {
        ProjectPlan.Builder plan = new ProjectPlan.Builder();
        for (ContainerView view : meant) {
          plan.add(
              new Operation.KillContainer(view.name(), view.id(), "SIGKILL"), List.of(), "kill");
        }
        yield plan.build();
      }
      case DOWN, REMOVE, STOP_AND_REMOVE ->
          plans.down(options, List.of(), List.of(), ports.present(options.images()));
      case UP, START, RESTART -> throw new IllegalArgumentException(goal + " ends nothing");
    };
  }

  /** What `run` made is no part of its service, unless it is named itself. */
  private static boolean isMeant(Goal goal, DownOptions options, ContainerView view) {
    boolean stays = Labels.isOneOff(view) && options.containers().isEmpty();
    return switch (goal) {
      case KILL -> view.isRunning();
      case REMOVE -> !view.isRunning() && !stays;
      case STOP_AND_REMOVE -> !stays;
      case STOP, UP, DOWN, START, RESTART -> true;
    };
  }

  /** What a person has just ended is not started again, whatever its restart policy. */
  public static boolean covers(Stored completed, ContainerView view) {
    DownOptions options = completed.down();
    return Set.of(Goal.STOP, Goal.KILL, Goal.DOWN).contains(completed.goal())
        && options != null
        && options.means(view);
  }
}
