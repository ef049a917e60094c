package io.jcompose.scheduler;

import io.jcompose.compose.Positions;
import io.jcompose.core.ContainerSpec;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Networks.NetworkView;
import io.jcompose.core.Progress;
import io.jcompose.core.Volumes.VolumeView;
import io.jcompose.scheduler.ProjectStore.Goal;
import io.jcompose.scheduler.ProjectStore.Stored;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Brings projects to what was asked for, so that a crash in between is made good: writes down what
 * is begun, observes, plans, executes, and marks it as done. Used in the project's turn only.
 */
record Bringing(Ports ports, ProjectStore store, Ending ending) {

  /** Carries an {@code up} out; writes nothing when nothing changes. */
  void up(Desired desired, UpOptions options, Map<String, String> imageIds, Work work) {
    Observed observed = ports.observe(desired.project(), desired, imageIds);
    Stored next =
        new Stored(
            desired.project(),
            Goal.UP,
            Instant.now(),
            desired,
            options.withoutWait(),
            null,
            List.of(),
            observed.runs());
    up(next, desired, options, observed, work);
  }

  /**
   * Refuses an {@code up} that its containers' specifications rule out; needs no turn.
   *
   * @param imageIds of the images that are there
   */
  void checkSpecs(
      Desired desired, UpOptions options, Map<String, String> imageIds, Positions positions) {
    Observed observed = ports.observe(desired.project(), desired, imageIds);
    Plan plan = Reconciler.up(desired, observed, options, observed.runs().keySet());
    Preflight.checkSpecs(ports, plan, positions);
  }

  /** The same of a one-off container. */
  void checkSpecs(
      Desired desired, RunOptions options, Map<String, String> imageIds, Positions positions) {
    ContainerSpec spec = oneOff(desired, options, imageIds);
    Preflight.checkSpecs(ports, plan(desired, options, imageIds, spec), positions);
  }

  /** Does what is left of an {@code up} that was begun. */
  void finishUp(Stored begun, Map<String, String> imageIds, Work work) {
    Desired desired = desired(begun);
    UpOptions options = Optional.ofNullable(begun.up()).orElse(UpOptions.DEFAULT);
    up(begun, desired, options, ports.observe(begun.project(), desired, imageIds), work);
  }

  private void up(Stored next, Desired desired, UpOptions options, Observed observed, Work work) {
    Set<String> former = next.runs().keySet();
    Plan plan = Reconciler.up(desired, observed, options, former);
    Preflight.check(ports, plan, work.positions(), work.progress());
    if (plan.changesNothing() && isSteady(next)) {
      work.execute(plan);
      return;
    }
    store.begin(next);
    Undo undo = new Undo(plan, work.operations());
    try {
      work.execute(plan, undo);
      Set<String> refused = work.operations().outcomes().refused();
      if (!refused.isEmpty()) {
        Observed now = ports.observe(next.project(), desired, observed.imageIds());
        Plan again = Reconciler.up(desired, now, options, former, refused);
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
  void down(String project, DownOptions asked, Work work) {
    Desired last = store.load(project).map(Stored::desired).orElse(null);
    DownOptions options = asked.with(last);
    Observed observed = ports.observe(project, null, Map.of());
    boolean whole = options.services().isEmpty();
    Plan plan =
        new ServicePlans(graph(last, observed), observed)
            .down(
                options,
                whole ? networks(options, observed) : List.of(),
                whole && options.volumes() ? volumes(options, last, observed) : List.of(),
                ports.present(options.images()));
    if (plan.isEmpty()) {
      nothingToRemove(project, work.progress());
    }
    if (!whole) {
      ending.carryOut(project, Goal.DOWN, last, options, work);
    } else if (!plan.isEmpty()) {
      Stored next =
          new Stored(project, Goal.DOWN, Instant.now(), last, null, options, List.of(), Map.of());
      store.beginRemoval(next);
      try {
        work.execute(plan);
      } finally {
        store.finish(next); // told: no later start carries on with it, least of all with -v
      }
    }
    if (whole && isOfItsFiles(options, last)) {
      store.delete(project);
    }
  }

  /** What other files brought up stays as they say. */
  private static boolean isOfItsFiles(DownOptions options, @Nullable Desired last) {
    FileScope file = options.file();
    return file == null || last == null || last.configFiles().equals(file.configFiles());
  }

  private static void nothingToRemove(String project, Progress progress) {
    progress.report(
        Progress.Step.of(
            "Project " + project,
            "Warning",
            "No resource found to remove for project \"" + project + "\"."));
  }

  private static List<NetworkView> networks(DownOptions options, Observed observed) {
    FileScope file = options.file();
    return observed.networks().values().stream()
        .filter(network -> file == null || file.networks().contains(network.name()))
        .sorted(Comparator.comparing(NetworkView::name))
        .toList();
  }

  /** Of files, those that they name; else all that the project made, but for external ones. */
  private static List<String> volumes(
      DownOptions options, @Nullable Desired last, Observed observed) {
    FileScope file = options.file();
    Set<String> external =
        last == null
            ? Set.of()
            : last.volumes().values().stream()
                .filter(Desired.Volume::external)
                .map(volume -> volume.spec().name())
                .collect(Collectors.toSet());
    return observed.volumes().values().stream()
        .map(VolumeView::name)
        .filter(name -> file == null ? !external.contains(name) : file.volumes().contains(name))
        .sorted()
        .toList();
  }

  /**
   * Carries a plan out that starts containers, so that none is left stopped by a crash.
   *
   * @param before what there was when it was planned
   */
  void start(
      String project,
      Goal goal,
      @Nullable Desired desired,
      List<String> services,
      Observed before,
      Plan plan,
      Work work) {
    // Beside a command that lent its turn: what a crash interrupts is that one.
    if (project.isEmpty() || store.isUnderWay(project)) {
      work.execute(plan);
      return;
    }
    Stored next =
        new Stored(project, goal, Instant.now(), desired, null, null, services, before.runs());
    store.begin(next);
    try {
      work.execute(plan);
    } finally {
      store.finish(next);
    }
  }

  /** Makes a one-off container; returns its id. */
  String run(Desired desired, RunOptions options, Map<String, String> ids, Work work) {
    ContainerSpec spec = oneOff(desired, options, ids);
    Plan plan = plan(desired, options, ids, spec);
    Preflight.check(ports, plan, work.positions(), work.progress());
    Undo undo = new Undo(plan, work.operations());
    try {
      work.execute(plan, undo);
    } catch (RuntimeException e) {
      undo.undo();
      throw e;
    }
    return work.operations()
        .outcomes()
        .container(spec.name())
        .orElseThrow(() -> new JcomposeException.NotFound("No such container: " + spec.name()));
  }

  private static ContainerSpec oneOff(
      Desired desired, RunOptions options, Map<String, String> ids) {
    Desired.Service service = desired.services().get(options.service());
    if (service == null) {
      throw new JcomposeException.NotFound("no such service: " + options.service());
    }
    String imageId = ids.getOrDefault(service.template().image(), "");
    return new OneOff(desired, service, options).spec(imageId);
  }

  private Plan plan(
      Desired desired, RunOptions options, Map<String, String> ids, ContainerSpec spec) {
    Observed observed = ports.observe(desired.project(), desired, ids);
    UpOptions up = UpOptions.DEFAULT.forRun(options);
    return Reconciler.run(desired, observed, up, options.service(), spec);
  }

  /** The file's graph with the services that only labels know, or the labels' alone. */
  static ServiceGraph graph(@Nullable Desired desired, Observed observed) {
    ServiceGraph labels = ServiceGraph.ofLabels(observed.containers());
    return desired == null ? labels : desired.graph().with(labels);
  }
}
