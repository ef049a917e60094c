package io.jcompose.scheduler.execute;

import io.jcompose.core.ContainerSpec;
import io.jcompose.core.ContainerSpec.MountSpec;
import io.jcompose.core.ContainerView;
import io.jcompose.core.ContainerView.State;
import io.jcompose.core.JcomposeException;
import io.jcompose.scheduler.plan.AnonymousVolumes;
import io.jcompose.scheduler.plan.Operation;
import io.jcompose.scheduler.plan.ProjectPlan;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes back what a failed plan made in vain: new containers that could not be started, those that
 * waited for them, successors of containers that are still there, and then the networks and volumes
 * that nobody uses. All of it is what this very plan made, by id; a step that failed made nothing.
 * What the plan only stopped is started again, unless a start was what failed. What runs stays, and
 * so does a container that took another's place, for it has that one's anonymous volumes. A
 * condition that did not come true is no such failure: its dependents wait to be started by hand.
 *
 * <p>One object a plan: its steps are carried out through it, so that it knows which failed.
 */
public final class Undo implements Consumer<Operation> {
  private static final Logger LOG = LoggerFactory.getLogger(Undo.class);

  private final ProjectPlan plan;
  private final Operations operations;
  private final Set<Operation> failed = ConcurrentHashMap.newKeySet();
  private final Set<Operation> done = ConcurrentHashMap.newKeySet();

  public Undo(ProjectPlan plan, Operations operations) {
    this.plan = plan;
    this.operations = operations;
  }

  /** Carries a step out. */
  @Override
  public void accept(Operation operation) {
    try {
      operations.accept(operation);
      done.add(operation);
    } catch (JcomposeException.Cancelled e) {
      if (operations.command().isUnwanted() && !isWait(operation)) {
        failed.add(operation);
      }
      throw e; // who took over goes on with what is there
    } catch (RuntimeException e) {
      if (!isWait(operation)) {
        failed.add(operation);
      }
      throw e;
    }
  }

  private static boolean isWait(Operation operation) {
    return operation instanceof Operation.AwaitCondition
        || operation instanceof Operation.AwaitRunning;
  }

  /** Takes back; called once, after the plan has ended with an error. */
  public void undo() {
    if (failed.isEmpty()) {
      return;
    }
    Set<Integer> vain = vain();
    List<ProjectPlan.Step> steps = plan.steps();
    for (ProjectPlan.Step step : steps) {
      if (step.operation() instanceof Operation.CreateContainer create && done.contains(create)) {
        operations
            .results()
            .container(create.shownName())
            .ifPresent(id -> attempt(create.shownName(), () -> takeBack(create, id, vain)));
      }
    }
    for (ProjectPlan.Step step : steps) {
      switch (step.operation()) {
        case Operation.CreateNetwork made ->
            attempt(made.spec().name(), () -> removeUnusedNetwork(made.spec().name()));
        case Operation.CreateVolume made ->
            attempt(made.spec().name(), () -> removeUnusedVolume(made.spec().name()));
        default -> {}
      }
    }
    if (failed.stream().noneMatch(Operation.StartContainer.class::isInstance)) {
      steps.reversed().forEach(step -> startAgain(step.operation()));
    }
  }

  /** Removes a container that this plan made, and that nobody waits for any more. */
  private void takeBack(Operation.CreateContainer create, String id, Set<Integer> vain) {
    boolean successor = !create.predecessor().isEmpty();
    boolean inVain =
        successor
            ? operations.ports().containers().find(create.predecessor()).isPresent()
            : vain.contains(startOf(create.shownName()));
    ContainerView view = operations.ports().containers().find(id).orElse(null);
    if (inVain && view != null && view.state() == State.CREATED && view.startedAt() == null) {
      boolean volumes = AnonymousVolumes.areOwn(view);
      operations.accept(new Operation.RemoveContainer(view.name(), id, volumes, successor));
    }
  }

  /** What was stopped to be changed or to follow a change, and is still there. */
  private void startAgain(Operation operation) {
    if (operation instanceof Operation.StopContainer stop
        && stop.quiet()
        && done.contains(stop)
        && operations
            .ports()
            .containers()
            .find(stop.id())
            .filter(view -> view.state() == State.EXITED)
            .isPresent()) {
      attempt(
          stop.name(),
          () -> operations.accept(new Operation.StartContainer(stop.name(), stop.id(), false)));
    }
  }

  /** The failed steps and all that come after them. */
  private Set<Integer> vain() {
    Set<Integer> vain = new HashSet<>();
    List<ProjectPlan.Step> steps = plan.steps();
    for (int i = 0; i < steps.size(); i++) {
      if (failed.contains(steps.get(i).operation())
          || steps.get(i).after().stream().anyMatch(vain::contains)) {
        vain.add(i);
      }
    }
    return vain;
  }

  private int startOf(String name) {
    List<ProjectPlan.Step> steps = plan.steps();
    for (int i = 0; i < steps.size(); i++) {
      if (steps.get(i).operation() instanceof Operation.StartContainer start
          && start.name().equals(name)) {
        return i;
      }
    }
    return -1;
  }

  private void removeUnusedNetwork(String name) {
    Optional<String> made = operations.results().network(name);
    if (!operations.ports().isNamedByContainers(name)
        && made.flatMap(operations.ports().networks()::find).isPresent()) {
      operations.accept(new Operation.RemoveNetwork(name, made.get()));
    }
  }

  private void removeUnusedVolume(String name) {
    boolean used =
        isUsed(
            spec ->
                spec.mounts().stream()
                    .anyMatch(m -> m instanceof MountSpec.Volume v && v.name().equals(name)));
    boolean ours =
        operations.ports().volumes().find(name).filter(operations.results()::isMade).isPresent();
    if (!used && ours) {
      operations.accept(new Operation.RemoveVolume(name));
    }
  }

  /** A container that does not run holds on to nothing, but needs it for its start. */
  private boolean isUsed(Predicate<ContainerSpec> by) {
    return operations.ports().containers().list(Map.of()).stream()
        .map(ContainerView::spec)
        .anyMatch(by);
  }

  private static void attempt(String what, Runnable work) {
    try {
      work.run();
    } catch (RuntimeException e) {
      LOG.debug("{} stays: {}", what, e.getMessage());
    }
  }
}
