package io.jcompose.scheduler;

import io.jcompose.core.ContainerView;
import io.jcompose.scheduler.ProjectStore.Goal;
import io.jcompose.scheduler.ProjectStore.Stored;
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
record ServiceCommands(
    Ports ports, ProjectStore store, ProjectLists lists, Bringing bringing, Ending ending) {

  void start(String project, List<String> services, Work work) {
    bring(project, Goal.START, services, work, ServicePlans::start);
  }

  void restart(
      String project,
      List<String> services,
      @Nullable Duration timeout,
      boolean noDeps,
      Work work) {
    bring(
        project,
        Goal.RESTART,
        services,
        work,
        (plans, names) -> plans.restart(names, timeout, noDeps));
  }

  private void bring(
      String project,
      Goal goal,
      List<String> services,
      Work work,
      BiFunction<ServicePlans, Collection<String>, Plan> planning) {
    Desired desired = store.load(project).map(Stored::desired).orElse(null);
    Observed observed = ports.observe(project, null, Map.of());
    lists.requireKnown(project, observed.containers(), services);
    ServiceGraph graph = Bringing.graph(desired, observed);
    Collection<String> names = services.isEmpty() ? graph.edges().keySet() : services;
    if (services.isEmpty()) {
      names = new LinkedHashSet<>(names);
      names.retainAll(observed.replicas().keySet());
    }
    Plan plan = planning.apply(new ServicePlans(graph, observed), names);
    if (!plan.isEmpty()) {
      bringing.start(project, goal, desired, started(plan, observed), observed, plan, work);
    }
  }

  /** The services of which the plan starts containers. */
  private static List<String> started(Plan plan, Observed observed) {
    Set<String> refs =
        plan.steps().stream()
            .map(Plan.Step::operation)
            .filter(Operation.StartContainer.class::isInstance)
            .map(operation -> ((Operation.StartContainer) operation).name())
            .collect(Collectors.toSet());
    return observed.containers().stream()
        .filter(view -> refs.contains(view.name()))
        .map(Observed::service)
        .distinct()
        .toList();
  }

  /** Stops, kills or removes the containers, as the goal says. */
  void end(String project, Goal goal, DownOptions options, Work work) {
    List<ContainerView> found = ports.containers().list(Map.of(Labels.PROJECT, project));
    lists.requireKnown(project, found, options.services());
    Desired desired = store.load(project).map(Stored::desired).orElse(null);
    ending.carryOut(project, goal, desired, options, work);
  }

  void signal(String project, List<String> services, String signal, Work work) {
    each(
        project,
        "kill",
        services,
        work,
        view ->
            view.isRunning() ? new Operation.KillContainer(view.name(), view.id(), signal) : null);
  }

  void pause(String project, List<String> services, Work work) {
    each(
        project,
        "pause",
        services,
        work,
        view ->
            view.state() == ContainerView.State.RUNNING
                ? new Operation.PauseContainer(view.name(), view.id(), true)
                : null);
  }

  void unpause(String project, List<String> services, Work work) {
    each(
        project,
        "unpause",
        services,
        work,
        view ->
            view.state() == ContainerView.State.PAUSED
                ? new Operation.PauseContainer(view.name(), view.id(), false)
                : null);
  }

  private void each(
      String project,
      String what,
      List<String> services,
      Work work,
      Function<ContainerView, @Nullable Operation> operation) {
    List<ContainerView> found = ports.containers().list(Map.of(Labels.PROJECT, project));
    lists.requireKnown(project, found, services);
    Plan.Builder plan = new Plan.Builder();
    for (ContainerView view : found) {
      Operation step =
          services.isEmpty() || services.contains(Observed.service(view))
              ? operation.apply(view)
              : null;
      if (step != null) {
        plan.add(step, List.of(), what);
      }
    }
    work.execute(plan.build());
  }
}
