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

  void start(Target target, Work work) {
    bring(target, Goal.START, work, ServicePlans::start);
  }

  void restart(Target target, @Nullable Duration timeout, boolean noDeps, Work work) {
    bring(target, Goal.RESTART, work, (plans, names) -> plans.restart(names, timeout, noDeps));
  }

  private void bring(
      Target asked,
      Goal goal,
      Work work,
      BiFunction<ServicePlans, Collection<String>, Plan> planning) {
    String project = asked.project();
    Desired desired = store.load(project).map(Stored::desired).orElse(null);
    Observed observed = ports.observe(project, null, Map.of());
    lists.requireKnown(project, observed.containers(), asked.services());
    ServiceGraph graph = Bringing.graph(desired, observed);
    Collection<String> names = asked.services();
    if (names.isEmpty()) {
      names = new LinkedHashSet<>(graph.edges().keySet());
      names.retainAll(observed.replicas().keySet());
      names.removeIf(service -> !asked.with(desired).means(service));
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

  void signal(Target target, String signal, Work work) {
    each(
        target,
        "kill",
        work,
        view ->
            view.isRunning() ? new Operation.KillContainer(view.name(), view.id(), signal) : null);
  }

  void pause(Target target, Work work) {
    each(
        withLast(target),
        "pause",
        work,
        view ->
            view.state() == ContainerView.State.RUNNING
                ? new Operation.PauseContainer(view.name(), view.id(), true)
                : null);
  }

  void unpause(Target target, Work work) {
    each(
        withLast(target),
        "unpause",
        work,
        view ->
            view.state() == ContainerView.State.PAUSED
                ? new Operation.PauseContainer(view.name(), view.id(), false)
                : null);
  }

  private Target withLast(Target target) {
    return target.with(store.load(target.project()).map(Stored::desired).orElse(null));
  }

  private void each(
      Target target,
      String what,
      Work work,
      Function<ContainerView, @Nullable Operation> operation) {
    String project = target.project();
    List<ContainerView> found = ports.containers().list(Map.of(Labels.PROJECT, project));
    lists.requireKnown(project, found, target.services());
    Plan.Builder plan = new Plan.Builder();
    for (ContainerView view : found) {
      Operation step = target.means(Observed.service(view)) ? operation.apply(view) : null;
      if (step != null) {
        plan.add(step, List.of(), what);
      }
    }
    work.execute(plan.build());
  }
}
