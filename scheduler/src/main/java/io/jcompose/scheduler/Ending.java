package io.jcompose.scheduler;

import io.jcompose.core.ContainerView;
import io.jcompose.scheduler.ProjectStore.Goal;
import io.jcompose.scheduler.ProjectStore.Stored;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Ends containers of a project: {@code stop}, {@code kill}, {@code rm}, {@code down SERVICE}. */
record Ending(Ports ports, ProjectStore store) {
  /**
   * Stops, kills or removes containers that were there when it was begun. Of an end half done by a
   * crash the next start does the rest.
   */
  void carryOut(Stored next, Work work) {
    Plan plan = plan(next);
    if (plan.isEmpty()) {
      return;
    }
    // A kill beside a command under way leaves it to that one to be finished.
    boolean noted = next.goal() != Goal.KILL || !isUnderWay(next.project());
    if (noted) {
      store.beginRemoval(next);
    }
    try {
      work.execute(plan);
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

  private boolean isUnderWay(String project) {
    return store.load(project).filter(last -> !store.isFinished(last)).isPresent();
  }

  /** What is left to do of it. */
  Plan plan(Stored next) {
    DownOptions options = Optional.ofNullable(next.down()).orElse(DownOptions.DEFAULT);
    Observed all = ports.observe(next.project(), null, Map.of());
    ServiceGraph graph = Bringing.graph(next.desired(), all);
    List<ContainerView> meant =
        all.containers().stream()
            .filter(view -> isNamed(options, view))
            .filter(view -> isMeant(next, view))
            .toList();
    Observed observed = new Observed(meant, Map.of(), Map.of(), Map.of());
    ServicePlans plans = new ServicePlans(graph, observed);
    return switch (next.goal()) {
      case STOP -> plans.stop(observed.replicas().keySet(), options.timeout());
      case KILL -> {
        Plan.Builder plan = new Plan.Builder();
        for (ContainerView view : meant) {
          plan.add(
              new Operation.KillContainer(view.name(), view.id(), "SIGKILL"), List.of(), "kill");
        }
        yield plan.build();
      }
      case DOWN, REMOVE, STOP_AND_REMOVE ->
          plans.down(options, view -> false, List.of(), List.of(), ports.present(options.images()));
      case UP, START, RESTART -> throw new IllegalArgumentException(next.goal() + " ends nothing");
    };
  }

  private static boolean isNamed(DownOptions options, ContainerView view) {
    return options.services().isEmpty() || options.services().contains(Observed.service(view));
  }

  /** What was made, started or has ended since it was begun is not meant. */
  private static boolean isMeant(Stored next, ContainerView view) {
    Instant since = next.begun();
    boolean ran = view.startedAt() == null || !view.startedAt().isAfter(since);
    return switch (next.goal()) {
      case KILL -> view.isRunning() && ran;
      case REMOVE ->
          !view.isRunning()
              && !Observed.isOneOff(view)
              && (view.finishedAt() == null || !view.finishedAt().isAfter(since));
      case STOP_AND_REMOVE -> !Observed.isOneOff(view) && !view.createdAt().isAfter(since);
      case STOP -> ran;
      case UP, DOWN, START, RESTART -> !view.createdAt().isAfter(since);
    };
  }

  /** What a person has just stopped is not started again, whatever its restart policy. */
  static boolean covers(Stored completed, ContainerView view) {
    DownOptions options = completed.down();
    return (completed.goal() == Goal.STOP || completed.goal() == Goal.KILL)
        && options != null
        && isNamed(options, view);
  }
}
