package io.jcompose.scheduler.command;

import io.jcompose.core.ContainerView;
import io.jcompose.scheduler.DownOptions;
import io.jcompose.scheduler.Labels;
import io.jcompose.scheduler.ProjectLists;
import io.jcompose.scheduler.Target;
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
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Commands on the containers that a project's services have already, as {@code start} and {@code
 * pause}; no service named means all. Used in the project's turn, but for what may run beside it.
 */
public record ServiceCommands(
    EnginePorts ports, ProjectStore store, ProjectLists lists, StopCommands stops) {

  public void start(Target target, boolean await, CommandContext context) {
    bring(target, Goal.START, context, (plans, names) -> plans.start(names, await));
  }

  public void restart(
      Target target, @Nullable Duration timeout, boolean noDeps, CommandContext context) {
    bring(target, Goal.RESTART, context, (plans, names) -> plans.restart(names, timeout, noDeps));
  }

  private void bring(
      Target asked,
      Goal goal,
      CommandContext context,
      BiFunction<ServicePlans, Collection<String>, ProjectPlan> planning) {
    String project = asked.project();
    Desired desired = store.load(project).map(Stored::desired).orElse(null);
    Observed observed = ports.observe(project, null, Map.of());
    if (asked.isByName()) {
      lists.requireKnown(project, asked.services());
    }
    ServiceGraph graph = observed.graph(desired);
    Target meant = asked.with(desired);
    Collection<String> names = asked.services();
    if (names.isEmpty()) {
      names = new LinkedHashSet<>(graph.edges().keySet());
      Set<String> found =
          observed.containers().stream()
              .filter(view -> !Labels.isOneOff(view) || !asked.containers().isEmpty())
              .filter(meant::means)
              .map(Labels::service)
              .collect(Collectors.toSet());
      names.retainAll(found);
    }
    ProjectPlan plan =
        planning.apply(new ServicePlans(graph, observed, view -> isMeant(asked, view)), names);
    if (!plan.isEmpty()) {
      carryOut(project, goal, desired, started(plan, observed), observed, plan, context);
    }
  }

  /**
   * Carries a plan out that starts containers, so that none is left stopped by a crash.
   *
   * @param before what there was when it was planned
   */
  private void carryOut(
      String project,
      Goal goal,
      @Nullable Desired desired,
      List<String> services,
      Observed before,
      ProjectPlan plan,
      CommandContext context) {
    // Beside a command that lent its turn: what a crash interrupts is that one.
    if (project.isEmpty() || store.isUnderWay(project)) {
      context.execute(plan);
      return;
    }
    Stored next = Stored.ofStart(project, goal, desired, services, before.runs());
    store.begin(next);
    try {
      context.execute(plan);
    } finally {
      store.finish(next);
    }
  }

  /** Named containers alone; with services it is all of them, and those that follow. */
  private static boolean isMeant(Target asked, ContainerView view) {
    return asked.containers().isEmpty() || asked.means(view);
  }

  /** The services of which the plan starts containers. */
  private static List<String> started(ProjectPlan plan, Observed observed) {
    Set<String> refs =
        plan.steps().stream()
            .map(ProjectPlan.Step::operation)
            .filter(Operation.StartContainer.class::isInstance)
            .map(operation -> ((Operation.StartContainer) operation).name())
            .collect(Collectors.toSet());
    return observed.containers().stream()
        .filter(view -> refs.contains(view.name()))
        .map(Labels::service)
        .distinct()
        .toList();
  }

  /** Stops, kills or removes the containers, as the goal says. */
  public void end(String project, Goal goal, DownOptions options, CommandContext context) {
    if (options.file() == null) {
      lists.requireKnown(project, options.services());
    }
    Desired desired = store.load(project).map(Stored::desired).orElse(null);
    stops.carryOut(project, goal, desired, options, context);
  }

  public void signal(Target target, String signal, CommandContext context) {
    each(
        target,
        "kill",
        context,
        view ->
            view.isRunning() ? new Operation.KillContainer(view.name(), view.id(), signal) : null);
  }

  public void pause(Target target, CommandContext context) {
    each(
        withLast(target),
        "pause",
        context,
        view ->
            view.state() == ContainerView.State.RUNNING && !isOneOffOf(target, view)
                ? new Operation.PauseContainer(view.name(), view.id(), true)
                : null);
  }

  /** What `run` started is no part of its service, unless it is named itself. */
  private static boolean isOneOffOf(Target target, ContainerView view) {
    return target.containers().isEmpty() && Labels.isOneOff(view);
  }

  public void unpause(Target target, CommandContext context) {
    each(
        withLast(target),
        "unpause",
        context,
        view ->
            view.state() == ContainerView.State.PAUSED && !isOneOffOf(target, view)
                ? new Operation.PauseContainer(view.name(), view.id(), false)
                : null);
  }

  private Target withLast(Target target) {
    return target.with(store.load(target.project()).map(Stored::desired).orElse(null));
  }

  private void each(
      Target target,
      String what,
      CommandContext context,
      Function<ContainerView, @Nullable Operation> operation) {
    String project = target.project();
    List<ContainerView> found = ports.containers().list(Map.of(Labels.PROJECT, project));
    if (target.isByName()) {
      lists.requireKnown(project, target.services());
    }
    ProjectPlan.Builder plan = new ProjectPlan.Builder();
    for (ContainerView view : found) {
      Operation step = target.means(view) ? operation.apply(view) : null;
      if (step != null) {
        plan.add(step, List.of(), what);
      }
    }
    context.execute(plan.build());
  }
}
