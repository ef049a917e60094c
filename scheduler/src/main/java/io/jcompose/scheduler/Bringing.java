package io.jcompose.scheduler;

import io.jcompose.core.ContainerSpec;
import io.jcompose.core.ContainerView;
import io.jcompose.core.ContainerView.State;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Networks.NetworkView;
import io.jcompose.core.Progress;
import io.jcompose.core.Volumes.VolumeView;
import io.jcompose.scheduler.ProjectStore.Goal;
import io.jcompose.scheduler.ProjectStore.Stored;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Brings projects to what was asked for, so that a crash in between is made good: writes down what
 * is begun, observes, plans, executes, and marks it as done. Used in the project's turn only.
 */
record Bringing(Ports ports, ProjectStore store, Ending ending) {

  /** Carries an {@code up} out; writes nothing when nothing changes. */
  void up(Stored next, UpOptions options, Map<String, String> imageIds, Work work) {
    Desired desired = desired(next);
    Observed observed = ports.observe(next.project(), desired, imageIds);
    Plan plan = Reconciler.up(desired, observed, options, next.begun());
    requirePossible(plan, work.progress());
    if (plan.changesNothing() && isSteady(next)) {
      work.execute(plan);
      return;
    }
    store.begin(next);
    Undo undo = new Undo(plan, work.operations());
    try {
      work.execute(plan, undo);
      Set<String> refused = Set.copyOf(work.operations().refused());
      if (!refused.isEmpty()) {
        Observed now = ports.observe(next.project(), desired, imageIds);
        Plan again = Reconciler.up(desired, now, options, next.begun(), refused);
        undo = new Undo(again, work.operations());
        work.execute(again, undo);
      }
    } catch (RuntimeException e) {
      undo.undo();
      throw e;
    } finally {
      // A failure was told to the caller: only a crash leaves it to the next start.
      store.finish(next);
    }
  }

  /**
   * Refuses a plan before its first step, for every reason that can be known by then; tells what
   * the machine cannot give.
   */
  private void requirePossible(Plan plan, Progress progress) {
    List<RuntimeException> problems = new ArrayList<>();
    for (Plan.Step step : plan.steps()) {
      if (step.operation() instanceof Operation.CreateContainer create) {
        ContainerSpec spec = create.spec();
        String service = "service " + spec.labels().getOrDefault(Labels.SERVICE, spec.name());
        ports
            .containers()
            .problems(spec)
            .forEach(problem -> problems.add(Failures.about(service, problem)));
        String row = "Container " + spec.name();
        ports
            .containers()
            .warnings(spec)
            .forEach(text -> progress.report(Progress.Step.of(row, "Warning", text)));
      }
    }
    if (!problems.isEmpty()) {
      throw Failures.combine(problems);
    }
  }

  private static Desired desired(Stored stored) {
    Desired desired = stored.desired();
    if (desired == null) {
      throw new JcomposeException.Corrupt(
          "the state of project " + stored.project() + " does not tell what it shall be");
    }
    return desired;
  }

  private boolean isSteady(Stored next) {
    return store
        .load(next.project())
        .filter(last -> last.goal() == Goal.UP && last.desired() != null)
        .filter(last -> last.desired() != null && last.desired().equals(next.desired()))
        .filter(store::isFinished)
        .isPresent();
  }

  /** Carries a {@code down} out. */
  void down(String project, DownOptions options, Work work) {
    Desired desired = store.load(project).map(Stored::desired).orElse(null);
    Observed observed = ports.observe(project, null, Map.of());
    boolean whole = options.services().isEmpty();
    List<String> networks = whole ? networks(observed) : List.of();
    List<String> volumes = whole && options.volumes() ? volumes(observed) : List.of();
    Plan plan =
        new ServicePlans(graph(desired, observed), observed)
            .down(
                options,
                kept(options, desired),
                networks,
                volumes,
                ports.present(options.images()));
    if (plan.isEmpty()) {
      nothingToRemove(project, work.progress());
    }
    if (!whole) {
      ending.carryOut(
          new Stored(project, Goal.DOWN, Instant.now(), desired, null, options, List.of()), work);
      return;
    }
    if (!plan.isEmpty()) {
      store.beginRemoval(
          new Stored(project, Goal.DOWN, Instant.now(), desired, null, options, List.of()));
      work.execute(plan);
    }
    store.delete(project);
  }

  private static void nothingToRemove(String project, Progress progress) {
    progress.report(
        Progress.Step.of(
            "Project " + project,
            "Warning",
            "No resource found to remove for project \"" + project + "\"."));
  }

  private static Predicate<ContainerView> kept(DownOptions options, @Nullable Desired desired) {
    if (!options.services().isEmpty()) {
      return view -> !options.services().contains(Observed.service(view));
    }
    if (desired == null || options.removeOrphans()) {
      return view -> false;
    }
    return view ->
        !desired.services().containsKey(Observed.service(view))
            && !desired.disabledServices().contains(Observed.service(view));
  }

  private static List<String> networks(Observed observed) {
    return observed.networks().values().stream().map(NetworkView::name).sorted().toList();
  }

  private static List<String> volumes(Observed observed) {
    return observed.volumes().values().stream().map(VolumeView::name).sorted().toList();
  }

  /** Carries a plan out that starts containers, so that none is left stopped by a crash. */
  void start(
      String project,
      Goal goal,
      @Nullable Desired desired,
      List<String> services,
      Plan plan,
      Work work) {
    if (project.isEmpty()) {
      work.execute(plan);
      return;
    }
    Stored next = new Stored(project, goal, Instant.now(), desired, null, null, services);
    store.begin(next);
    try {
      work.execute(plan);
    } finally {
      store.finish(next);
    }
  }

  /** Makes a one-off container; returns its id. */
  String run(Desired desired, Set<String> selected, RunOptions options, Work work) {
    Map<String, String> ids =
        new ImagePulls(ports.images(), work.progress())
            .resolve(desired.services(selected), options.pull(), false);
    Desired.Service service = desired.services().get(options.service());
    if (service == null) {
      throw new JcomposeException.NotFound("no such service: " + options.service());
    }
    String imageId = ids.getOrDefault(service.template().image(), "");
    ContainerSpec spec = new OneOff(desired.project(), service, options).spec(imageId);
    Observed observed = ports.observe(desired.project(), desired, ids);
    UpOptions up = UpOptions.DEFAULT.forRun(options);
    Plan plan = Reconciler.run(desired, observed, up, service.name(), spec);
    requirePossible(plan, work.progress());
    Undo undo = new Undo(plan, work.operations());
    try {
      work.execute(plan, undo);
    } catch (RuntimeException e) {
      undo.undo();
      throw e;
    }
    return ports
        .containers()
        .find(spec.name())
        .orElseThrow(() -> new JcomposeException.NotFound("No such container: " + spec.name()))
        .id();
  }

  /**
   * Completes what was begun, then starts what should run: also when the completion fails, for what
   * it had stopped on the way would else stay so.
   *
   * @param later takes containers whose restart must wait, with what is left of the pause
   */
  @Nullable Void back(String project, Work work, BiConsumer<String, Duration> later) {
    Optional<Stored> stored = project.isEmpty() ? Optional.empty() : store.load(project);
    Optional<Stored> open = stored.filter(last -> !store.isFinished(last));
    try {
      if (open.isPresent()) {
        complete(open.get(), work);
      }
    } catch (JcomposeException.Cancelled e) {
      throw e;
    } catch (RuntimeException e) {
      try {
        startAgain(project, stored, open, work, later);
      } catch (RuntimeException also) {
        throw Failures.combine(List.of(e, also));
      }
      throw e;
    }
    startAgain(project, stored, open, work, later);
    return null;
  }

  private void startAgain(
      String project,
      Optional<Stored> stored,
      Optional<Stored> completed,
      Work work,
      BiConsumer<String, Duration> later) {
    if (stored.filter(Bringing::isWholeDown).isPresent()) {
      return;
    }
    Desired desired = stored.map(Stored::desired).orElse(null);
    Observed observed = project.isEmpty() ? standalone() : ports.observe(project, null, Map.of());
    Instant now = Instant.now();
    Set<String> waiting = new LinkedHashSet<>();
    Predicate<ContainerView> wanted =
        view -> shouldRun(view) && completed.filter(last -> Ending.covers(last, view)).isEmpty();
    for (ContainerView view : observed.containers()) {
      Duration left = pauseLeft(view, now);
      if (wanted.test(view) && left.isPositive()) {
        waiting.add(view.id());
        later.accept(view.id(), left);
      }
    }
    Plan plan =
        new ServicePlans(graph(desired, observed), observed)
            .bringBack(view -> wanted.test(view) && !waiting.contains(view.id()), true);
    work.execute(plan);
  }

  private static boolean isWholeDown(Stored stored) {
    DownOptions options = stored.down();
    return stored.goal() == Goal.DOWN && (options == null || options.services().isEmpty());
  }

  private void complete(Stored stored, Work work) {
    switch (stored.goal()) {
      case STOP, KILL, REMOVE, STOP_AND_REMOVE -> complete(stored, ending.plan(stored), work);
      case DOWN -> {
        if (isWholeDown(stored)) {
          down(
              stored.project(),
              Optional.ofNullable(stored.down()).orElse(DownOptions.DEFAULT),
              work);
        } else {
          complete(stored, ending.plan(stored), work);
        }
      }
      case UP -> {
        Desired desired = desired(stored);
        UpOptions options = Optional.ofNullable(stored.up()).orElse(UpOptions.DEFAULT);
        Map<String, String> ids =
            new ImagePulls(ports.images(), work.progress()).present(desired.services().values());
        up(stored, options, ids, work);
      }
      case START -> {
        Observed observed = ports.observe(stored.project(), null, Map.of());
        Collection<String> services = new ArrayList<>(stored.services());
        services.retainAll(observed.replicas().keySet());
        complete(
            stored,
            new ServicePlans(graph(stored.desired(), observed), observed).start(services),
            work);
      }
      case RESTART -> complete(stored, restart(stored), work);
    }
  }

  private void complete(Stored stored, Plan rest, Work work) {
    work.execute(rest);
    store.finish(stored);
  }

  /** What is left of a restart: the containers that were not started since it began. */
  private Plan restart(Stored stored) {
    Observed all = ports.observe(stored.project(), null, Map.of());
    List<ContainerView> old =
        all.containers().stream()
            .filter(
                view -> {
                  Instant started = view.startedAt();
                  return !view.isRunning() || started == null || started.isBefore(stored.begun());
                })
            .toList();
    Observed left = new Observed(old, all.networks(), all.volumes(), all.imageIds());
    Collection<String> services = new ArrayList<>(stored.services());
    services.retainAll(left.replicas().keySet());
    return new ServicePlans(graph(stored.desired(), all), left).restart(services, null, true);
  }

  private Observed standalone() {
    List<ContainerView> own =
        ports.containers().list(Map.of()).stream()
            .filter(view -> !view.labels().containsKey(Labels.PROJECT))
            .toList();
    return new Observed(own, Map.of(), Map.of(), Map.of());
  }

  private static boolean shouldRun(ContainerView view) {
    boolean down = view.state() == State.EXITED || view.state() == State.RESTARTING;
    return down
        && RestartDecision.wantsAtStart(
            view.spec().lifecycle().restart(),
            view.exitCode(),
            view.manuallyStopped(),
            view.restartCount(),
            view.startedAt() != null);
  }

  /** What is left of a pause before a restart that an earlier engine began. */
  private static Duration pauseLeft(ContainerView view, Instant now) {
    Instant ended = view.finishedAt();
    if (ended == null || ended.isAfter(now)) {
      return Duration.ZERO;
    }
    return Duration.between(now, ended.plus(view.restartPause()));
  }

  /** The file's graph with the services that only labels know, or the labels' alone. */
  static ServiceGraph graph(@Nullable Desired desired, Observed observed) {
    ServiceGraph labels = ServiceGraph.ofLabels(observed.containers());
    return desired == null ? labels : desired.graph().with(labels);
  }
}
