package io.jcompose.scheduler.resume;

import io.jcompose.core.ContainerView;
import io.jcompose.core.ContainerView.State;
import io.jcompose.core.JcomposeException;
import io.jcompose.scheduler.DownOptions;
import io.jcompose.scheduler.Labels;
import io.jcompose.scheduler.command.DownCommand;
import io.jcompose.scheduler.command.StopCommands;
import io.jcompose.scheduler.command.UpCommand;
import io.jcompose.scheduler.desired.Desired;
import io.jcompose.scheduler.execute.CommandContext;
import io.jcompose.scheduler.execute.EnginePorts;
import io.jcompose.scheduler.execute.StepErrors;
import io.jcompose.scheduler.plan.Observed;
import io.jcompose.scheduler.plan.Operation;
import io.jcompose.scheduler.plan.ProjectPlan;
import io.jcompose.scheduler.plan.RestartDecision;
import io.jcompose.scheduler.plan.ServicePlans;
import io.jcompose.scheduler.store.ProjectStore;
import io.jcompose.scheduler.store.ProjectStore.Goal;
import io.jcompose.scheduler.store.ProjectStore.Stored;
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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What becomes of a project when the engine starts: completes the command that a crash interrupted
 * and brings back what should run. Used in the project's turn only.
 */
public record ResumeCommand(
    EnginePorts ports,
    ProjectStore store,
    ResumeAttempts attempts,
    UpCommand up,
    DownCommand down,
    StopCommands stops) {
  private static final Logger LOG = LoggerFactory.getLogger(ResumeCommand.class);

  /**
   * Completes what was begun, then starts what should run: also when the completion fails, for what
   * it had stopped on the way would else stay so.
   *
   * @param ended what people have ended since the engine's start: it stays so, and of a command
   *     that starts containers nothing more is done
   * @param later takes containers whose restart must wait, with what is left of the pause
   */
  void back(
      String project,
      List<DownOptions> ended,
      CommandContext context,
      BiConsumer<String, Duration> later) {
    try {
      comeBack(project, ended, context, later);
    } finally {
      attempts.end(project);
    }
  }

  private void comeBack(
      String project,
      List<DownOptions> ended,
      CommandContext context,
      BiConsumer<String, Duration> later) {
    Optional<Stored> stored = project.isEmpty() ? Optional.empty() : store.load(project);
    Optional<Stored> open = stored.filter(last -> !store.isFinished(last));
    try {
      if (open.isPresent() && !ended.isEmpty() && starts(open.get().goal())) {
        store.finish(open.get());
      } else if (open.isPresent()) {
        attempts.begin(project);
        complete(open.get(), context);
      }
    } catch (JcomposeException.Cancelled e) {
      throw e;
    } catch (RuntimeException e) {
      try {
        startAgain(project, stored, open, ended, context, later);
      } catch (RuntimeException also) {
        throw StepErrors.combine(List.of(e, also));
      }
      throw e;
    }
    startAgain(project, stored, open, ended, context, later);
  }

  private static boolean starts(Goal goal) {
    return goal == Goal.UP || goal == Goal.START || goal == Goal.RESTART;
  }

  private void startAgain(
      String project,
      Optional<Stored> stored,
      Optional<Stored> completed,
      List<DownOptions> byHand,
      CommandContext context,
      BiConsumer<String, Duration> later) {
    Desired desired = stored.map(Stored::desired).orElse(null);
    Observed observed = project.isEmpty() ? standalone() : ports.observe(project, null, Map.of());
    Instant now = Instant.now();
    Set<String> waiting = new LinkedHashSet<>();
    Optional<Stored> ended = stored.filter(ResumeCommand::isWholeDown).or(() -> completed);
    Predicate<ContainerView> wanted =
        view ->
            shouldRun(view)
                && ended.filter(last -> StopCommands.covers(last, view)).isEmpty()
                && byHand.stream().noneMatch(options -> options.with(desired).means(view));
    for (ContainerView view : observed.containers()) {
      Duration left = pauseLeft(view, now);
      if (wanted.test(view) && left.isPositive()) {
        waiting.add(view.id());
        later.accept(view.id(), left);
      }
    }
    ProjectPlan plan =
        new ServicePlans(observed.graph(desired), observed)
            .bringBack(view -> wanted.test(view) && !waiting.contains(view.id()), true);
    if (!plan.isEmpty()) {
      attempts.begin(project);
      context.execute(plan, operation -> start(operation, context, later));
    }
  }

  /**
   * A start that fails for a reason that may pass, as an address that is not there yet, is tried
   * again.
   */
  private static void start(
      Operation operation, CommandContext context, BiConsumer<String, Duration> later) {
    try {
      context.operations().accept(operation);
    } catch (RuntimeException e) {
      if (operation instanceof Operation.StartContainer start && RestartDecision.mayPass(e)) {
        later.accept(start.ref(), RestartDecision.FIRST);
      }
      throw e;
    }
  }

  private static boolean isWholeDown(Stored stored) {
    DownOptions options = stored.down();
    return stored.goal() == Goal.DOWN && (options == null || options.services().isEmpty());
  }

  private void complete(Stored stored, CommandContext context) {
    switch (stored.goal()) {
      case STOP, KILL, REMOVE, STOP_AND_REMOVE -> complete(stored, stops.rest(stored), context);
      case DOWN -> {
        if (isWholeDown(stored)) {
          down.carryOut(
              stored.project(),
              Optional.ofNullable(stored.down()).orElse(DownOptions.DEFAULT),
              context);
        } else {
          complete(stored, stops.rest(stored), context);
        }
      }
      case UP -> completeUp(stored, context);
      case START -> {
        Observed observed = ports.observe(stored.project(), null, Map.of());
        Collection<String> services = new ArrayList<>(stored.services());
        services.retainAll(observed.replicas().keySet());
        complete(
            stored,
            new ServicePlans(observed.graph(stored.desired()), observed).start(services, false),
            context);
      }
      case RESTART -> complete(stored, restart(stored), context);
    }
  }

  private void completeUp(Stored stored, CommandContext context) {
    Desired desired = stored.desired();
    if (desired == null) {
      store.finish(stored);
      throw new JcomposeException.Corrupt(
          "the state of project " + stored.project() + " does not tell what it shall be");
    }
    Map<String, String> ids = context.images().present(desired.services().values());
    List<String> missing =
        desired.services().values().stream()
            .map(service -> service.template().image())
            .filter(image -> !ids.containsKey(image))
            .distinct()
            .toList();
    if (!missing.isEmpty()) {
      LOG.warn(
          "project {} is brought back with what is there, for an engine's start pulls and builds"
              + " nothing; `jcompose up` makes what is missing: {}",
          desired.project(),
          String.join(", ", missing));
    }
    try {
      up.finish(stored, desired, ids, context);
    } finally {
      store.finish(stored); // also when it cannot even begin
    }
  }

  /** A failure was told to the log: nothing is carried on with once more, perhaps weeks later. */
  private void complete(Stored stored, ProjectPlan rest, CommandContext context) {
    try {
      context.execute(rest);
    } finally {
      store.finish(stored);
    }
  }

  /** What is left of a restart: the containers that were not started since it began. */
  private ProjectPlan restart(Stored stored) {
    Observed all = ports.observe(stored.project(), null, Map.of());
    List<ContainerView> old =
        all.containers().stream()
            .filter(view -> !all.isLeftover(view))
            .filter(view -> !view.isRunning() || stored.means(view))
            .toList();
    Observed left = Observed.of(old);
    Collection<String> services = new ArrayList<>(stored.services());
    services.retainAll(left.replicas().keySet());
    return new ServicePlans(all.graph(stored.desired()), left).restart(services, null, true);
  }

  private Observed standalone() {
    List<ContainerView> own =
        ports.containers().list(Map.of()).stream()
            .filter(view -> !view.labels().containsKey(Labels.PROJECT))
            .toList();
    return Observed.of(own);
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
}
