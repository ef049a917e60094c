package io.jcompose.scheduler.command;

import io.jcompose.compose.Positions;
import io.jcompose.scheduler.UpOptions;
import io.jcompose.scheduler.desired.Desired;
import io.jcompose.scheduler.desired.ImageNeeds;
import io.jcompose.scheduler.desired.Translation;
import io.jcompose.scheduler.execute.CommandContext;
import io.jcompose.scheduler.execute.EnginePorts;
import io.jcompose.scheduler.execute.Preflight;
import io.jcompose.scheduler.execute.Undo;
import io.jcompose.scheduler.plan.Observed;
import io.jcompose.scheduler.plan.ProjectPlan;
import io.jcompose.scheduler.plan.Reconciler;
import io.jcompose.scheduler.store.ProjectStore;
import io.jcompose.scheduler.store.ProjectStore.Goal;
import io.jcompose.scheduler.store.ProjectStore.Stored;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * {@code up}: pulls and builds images, waits for its turn, writes down what is begun, so that a
 * crash in between is made good, observes, plans, executes, and marks it as done.
 */
public record UpCommand(EnginePorts ports, ProjectStore store) {

  /**
   * Pulls the images, waits for its turn and makes the services; writes nothing when nothing
   * changes.
   *
   * @param selected names of the services whose images are wanted
   */
  public void carryOut(
      Translation translation, Set<String> selected, UpOptions options, CommandContext context) {
    Desired desired = translation.desired();
    Positions positions = translation.positions();
    Map<String, String> imageIds =
        context
            .images()
            .resolve(
                new ImageNeeds(
                    desired.services(selected),
                    translation.builds(),
                    options.pull(),
                    options.building(),
                    options.why()),
                there -> checkSpecs(desired, options, there, positions));
    context.enter();
    CommandContext placed = context.at(positions).until(options.waitTimeout());
    Observed observed = ports.observe(desired.project(), desired, imageIds);
    Stored next = Stored.ofUp(desired, options.withoutWait(), observed.runs());
    carryOut(next, desired, options, observed, placed);
  }

  /**
   * Refuses an {@code up} that its containers' specifications rule out; needs no turn.
   *
   * @param imageIds of the images that are there
   */
  private void checkSpecs(
      Desired desired, UpOptions options, Map<String, String> imageIds, Positions positions) {
    Observed observed = ports.observe(desired.project(), desired, imageIds);
    ProjectPlan plan = Reconciler.up(desired, observed, options, observed.runs().keySet());
    Preflight.checkSpecs(ports, plan, positions);
  }

  /**
   * Does what is left of an {@code up} that was begun; in the project's turn.
   *
   * @param desired what it was to make
   */
  public void finish(
      Stored begun, Desired desired, Map<String, String> imageIds, CommandContext context) {
    UpOptions options = Optional.ofNullable(begun.up()).orElse(UpOptions.DEFAULT);
    carryOut(begun, desired, options, ports.observe(begun.project(), desired, imageIds), context);
  }

  private void carryOut(
      Stored next, Desired desired, UpOptions options, Observed observed, CommandContext context) {
    Set<String> former = next.runs().keySet();
    ProjectPlan plan = Reconciler.up(desired, observed, options, former);
    Preflight.check(ports, plan, context.positions(), context.progress());
    if (plan.changesNothing() && isSteady(next)) {
      context.execute(plan);
      return;
    }
    store.begin(next);
    Undo undo = new Undo(plan, context.operations());
    try {
      context.execute(plan, undo);
      Set<String> refused = context.operations().results().refused();
      if (!refused.isEmpty()) {
        Observed now = ports.observe(next.project(), desired, observed.imageIds());
        ProjectPlan again = Reconciler.up(desired, now, options, former, refused);
        undo = new Undo(again, context.operations());
        context.execute(again, undo);
      }
    } catch (RuntimeException e) {
      undo.undo();
      throw e;
    } finally {
      // A failure was told to the caller: only a crash leaves it to the next start.
      store.finish(next);
    }
  }

  private boolean isSteady(Stored next) {
    return store
        .load(next.project())
        .filter(last -> last.goal() == Goal.UP && last.desired() != null)
        .filter(last -> last.desired() != null && last.desired().equals(next.desired()))
        .filter(store::isFinished)
        .isPresent();
  }
}
