package io.jcompose.scheduler.execute;

import io.jcompose.core.ContainerSpec;
import io.jcompose.core.ContainerSpec.RestartPolicy;
import io.jcompose.core.ContainerView;
import io.jcompose.core.ContainerView.HealthStatus;
import io.jcompose.core.ContainerView.State;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Progress;
import io.jcompose.scheduler.Labels;
import io.jcompose.scheduler.desired.NamespaceRefs;
import io.jcompose.scheduler.plan.Operation;
import io.jcompose.scheduler.plan.Replica;
import io.jcompose.scheduler.plan.RestartDecision;
import io.jcompose.scheduler.queue.Command;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Carries out single operations through the ports, and reports them in Compose's words. One object
 * a command; thread-safe.
 *
 * @param outcomes what its steps have made so far
 * @param waitDeadline of {@link System#nanoTime} for {@code --wait-timeout}; null is none
 * @param waitLimit the same for the message
 */
public record Operations(
    String project,
    EnginePorts ports,
    Conditions conditions,
    Progress progress,
    Command command,
    StepResults results,
    @Nullable Long waitDeadline,
    String waitLimit)
    implements Consumer<Operation> {

  /** As long as Docker Compose lets pass before it looks. */
  private static final Duration FIRST_MOMENT = Duration.ofMillis(500);

  /** The same with a limit from now for {@code --wait}. */
  Operations until(Duration limit) {
    return new Operations(
        project,
        ports,
        conditions,
        progress,
        command,
        results,
        System.nanoTime() + limit.toNanos(),
        limit.toString().substring(2).toLowerCase(Locale.ROOT));
  }

  @Override
  public void accept(Operation operation) {
    check(operation);
    switch (operation) {
      case Operation.PullImage op -> ports.images().pull(op.reference(), op.platform(), progress);
      case Operation.BuildImages op -> ports.builds().build(op.specs(), progress);
      case Operation.CreateNetwork op -> shared().create(op);
      case Operation.ReplaceNetwork op -> shared().replace(op);
      case Operation.RemoveNetwork op -> shared().remove(op);
      case Operation.CreateVolume op -> shared().create(op);
      case Operation.RemoveVolume op -> shared().remove(op);
      case Operation.RemoveImage op -> shared().remove(op);
      case Operation.AllMade op -> {}
      case Operation.CreateContainer op -> create(op);
      case Operation.StartContainer op -> start(op);
      case Operation.UpdateContainer op -> update(op);
      case Operation.KeepContainer op -> keep(op);
      case Operation.StopContainer op -> stop(op);
      case Operation.RemoveContainer op -> remove(op);
      case Operation.RenameContainer op -> rename(op);
      case Operation.KillContainer op -> kill(op);
      case Operation.PauseContainer op -> pause(op);
      case Operation.AwaitCondition op -> await(op);
      case Operation.AwaitRunning op -> op.refs().forEach(this::awaitRunning);
    }
  }

  /**
   * Without its caller a command makes nothing new, and finishes what it has begun to replace; one
   * that ends containers ends and removes no more.
   */
  private void check(Operation operation) {
    boolean begins =
        operation instanceof Operation.CreateNetwork
            || operation instanceof Operation.CreateVolume
            || operation instanceof Operation.CreateContainer;
    if (begins) {
      command.checkWanted();
    } else {
      command.checkAttended();
    }
  }

  private void start(Operation.StartContainer op) {
    String ref = results.container(op.ref()).orElse(op.ref());
    if (!results.isRestarting(ref)) {
      report(container(op.name()), op.again() ? "Restarting" : "Starting", "");
    }
    reports()
        .ended(
            container(op.name()),
            "Started",
            () -> {
              ports.containers().start(ref);
              if (op.again()) {
                ports.containers().restarted(ref);
              }
            });
  }

  private void kill(Operation.KillContainer op) {
    reported(container(op.name()), "Killing", "Killed", () -> signal(op));
  }

  private void signal(Operation.KillContainer op) {
    try {
      ports.containers().kill(op.id(), op.signal());
    } catch (JcomposeException.Conflict | JcomposeException.NotFound e) {
      // It ended by itself since the plan was made, which is what was wanted.
      if (ports.containers().find(op.id()).filter(ContainerView::isRunning).isPresent()) {
        throw e;
      }
    }
  }

  private void create(Operation.CreateContainer op) {
    ContainerSpec spec = NamespaceRefs.resolve(op.spec(), this::firstContainer);
    String id = container(op.shownName());
    if ("True".equals(spec.labels().get(Labels.ONEOFF))) {
      make(op, spec); // as Docker Compose: its output speaks for itself
      return;
    }
    if (op.recreation().isEmpty()) {
      reported(id, "Creating", "Created", () -> make(op, spec));
      return;
    }
    reported(id, "Recreate", op.recreation(), "Recreated", () -> make(op, spec));
  }

  private void make(Operation.CreateContainer op, ContainerSpec spec) {
    results.madeContainer(op.shownName(), ports.containers().create(spec));
  }

  private String firstContainer(String service) {
    Map<String, String> labels =
        Map.of(Labels.PROJECT, project, Labels.SERVICE, service, Labels.ONEOFF, "False");
    return ports.containers().list(labels).stream()
        .min(
            // one that this command made is the successor of another with its number
            Comparator.comparingInt(Labels::number)
                .thenComparing(view -> !results.isMade(view.id()))
                .thenComparing(Replica::isSuccessor))
        .orElseThrow(
            () ->
                new JcomposeException.NotFound(
                    "cannot share a namespace with service " + service + ": it has no container"))
        .id();
  }

  private void keep(Operation.KeepContainer op) {
    boolean runs = ports.containers().find(op.id()).map(ContainerView::isRunning).orElse(false);
    report(container(op.name()), runs ? "Running" : "Created", "");
  }

  /** A refusal is no failure: the container is recreated then. */
  private void update(Operation.UpdateContainer op) {
    String id = container(op.name());
    report(id, "Updating", "");
    try {
      ports
          .containers()
          .update(
              op.id(), op.spec().resources(), op.spec().lifecycle().restart(), op.spec().labels());
      report(id, "Updated", "");
    } catch (JcomposeException.Conflict e) {
      results.refuse(op.id());
      report(id, "Warning", "it is recreated, because " + message(e));
    } catch (RuntimeException e) {
      report(id, "Error", message(e));
      throw e;
    }
  }

  private void stop(Operation.StopContainer op) {
    try {
      if (op.again()) {
        results.restarts(op.id());
        reports().reported(container(op.name()), "Restarting", "", "", () -> end(op));
      } else if (op.quiet()) {
        end(op);
      } else {
        reported(container(op.name()), "Stopping", "Stopped", () -> end(op));
      }
    } catch (JcomposeException.NotFound e) {
      report(container(op.name()), "Stopped", "it was already gone");
    }
  }

  private void end(Operation.StopContainer op) {
    if (op.quiet()) {
      command.owes();
    }
    command.stopping(() -> ports.containers().stop(op.id(), op.timeout(), op.manual()));
  }

  private void remove(Operation.RemoveContainer op) {
    if (op.quiet()) {
      ports.containers().remove(op.id(), true, op.volumes());
    } else {
      reported(
          container(op.name()),
          "Removing",
          "Removed",
          () -> ports.containers().remove(op.id(), true, op.volumes()));
    }
  }

  private void rename(Operation.RenameContainer op) {
    String own = op.id().isEmpty() ? results.container(op.to()).orElse(op.from()) : op.id();
    ports.containers().rename(own, op.to());
  }

  private void pause(Operation.PauseContainer op) {
    String id = container(op.name());
    if (op.pause()) {
      reported(id, "Pausing", "Paused", () -> ports.containers().pause(op.id()));
    } else {
      reported(id, "Unpausing", "Unpaused", () -> ports.containers().unpause(op.id()));
    }
  }

  private void await(Operation.AwaitCondition op) {
    for (String ref : op.refs()) {
      try {
        reach(op, ref);
      } catch (JcomposeException.Cancelled e) {
        throw e;
      } catch (JcomposeException e) {
        if (op.required()) {
          throw e;
        }
        report(
            container(ref),
            "Warning",
            "optional dependency \"" + op.service() + "\" failed to start: " + message(e));
      }
    }
  }

  private void reach(Operation.AwaitCondition op, String ref) {
    switch (op.condition()) {
      case STARTED -> inTime(ref, Operations::hasStarted, "not started");
      case HEALTHY -> awaitHealthy(ref);
      case COMPLETED_SUCCESSFULLY -> awaitCompleted(op.service(), ref);
    }
  }

  /** Waits no longer than {@code --wait-timeout} says, where it is given. */
  private ContainerView inTime(String ref, Predicate<ContainerView> settled, String otherwise) {
    try {
      return conditions.until(ref, settled, waitDeadline, command);
    } catch (JcomposeException.Timeout e) {
      String name = ports.containers().find(ref).map(ContainerView::name).orElse(ref);
      report(container(name), "Error", otherwise);
      throw new JcomposeException.Timeout("application not healthy after " + waitLimit);
    }
  }

  private void awaitHealthy(String ref) {
    ContainerView now = ports.containers().find(ref).orElse(null);
    if (now != null && now.isRunning() && now.health() == HealthStatus.NONE) {
      String text = "container " + now.name() + " has no healthcheck configured";
      report(container(now.name()), "Error", text);
      throw new JcomposeException.InvalidArgument("dependency failed to start: " + text);
    }
    report(container(now == null ? ref : now.name()), "Waiting", "");
    ContainerView view = inTime(ref, Operations::isHealthyOrLost, "not healthy");
    if (view.isRunning() && view.health() == HealthStatus.HEALTHY) {
      report(container(view.name()), "Healthy", "");
      return;
    }
    String text =
        "container "
            + view.name()
            + (view.isRunning() ? " is unhealthy" : " exited (" + view.exitCode() + ")");
    report(container(view.name()), "Error", "dependency " + text);
    throw new JcomposeException.Conflict("dependency failed to start: " + text);
  }

  private void awaitCompleted(String service, String ref) {
    report(container(ref), "Waiting", "");
    ContainerView view = inTime(ref, Operations::hasEnded, "not ended");
    if (view.exitCode() != 0) {
      report(container(view.name()), "Error", "exited (" + view.exitCode() + ")");
      throw new JcomposeException.Conflict(
          "service \"" + service + "\" didn't complete successfully: exit " + view.exitCode());
    }
    report(container(view.name()), "Exited", "");
  }

  private void awaitRunning(String ref) {
    String name = ports.containers().find(ref).map(ContainerView::name).orElse(ref);
    report(container(name), "Waiting", "");
    ContainerView view = afterFirstMoment(inTime(ref, Operations::isUpOrLost, "not healthy"));
    boolean finished = !view.isRunning() && view.exitCode() == 0;
    if (view.health() == HealthStatus.UNHEALTHY || (!view.isRunning() && !finished)) {
      String text =
          "container "
              + view.name()
              + (view.isRunning() ? " is unhealthy" : " exited (" + view.exitCode() + ")");
      report(container(name), "Error", text);
      throw new JcomposeException.Conflict(text);
    }
    report(container(name), finished ? "Exited" : "Healthy", "");
  }

  /**
   * A program without a health check counts as up when it did not end in its first moment: most
   * that cannot work say so by then.
   */
  private ContainerView afterFirstMoment(ContainerView view) {
    Instant started = view.startedAt();
    if (!view.isRunning() || view.health() != HealthStatus.NONE || started == null) {
      return view;
    }
    Duration rest = FIRST_MOMENT.minus(Duration.between(started, Instant.now()));
    if (rest.isNegative()) {
      return view;
    }
    // A clock that was set back makes it no longer than the whole moment.
    long left = rest.compareTo(FIRST_MOMENT) > 0 ? FIRST_MOMENT.toNanos() : rest.toNanos();
    try {
      return conditions.until(view.id(), Operations::hasEnded, System.nanoTime() + left, command);
    } catch (JcomposeException.Timeout e) {
      return ports.containers().find(view.id()).orElse(view);
    }
  }

  private static boolean hasStarted(ContainerView view) {
    return view.state() != State.CREATED;
  }

  private static boolean isHealthyOrLost(ContainerView view) {
    return view.isRunning()
        ? view.health() == HealthStatus.HEALTHY || view.health() == HealthStatus.UNHEALTHY
        : hasEnded(view);
  }

  private static boolean isUpOrLost(ContainerView view) {
    return view.isRunning() ? view.health() != HealthStatus.STARTING : hasEnded(view);
  }

  /** True when it does not run and its policy will not start it again. */
  private static boolean hasEnded(ContainerView view) {
    if (view.state() == State.CREATED) {
      return !view.error().isEmpty();
    }
    boolean down = view.state() == State.EXITED || view.state() == State.DEAD;
    RestartPolicy policy = view.spec().lifecycle().restart();
    return down
        && (view.manuallyStopped()
            || !RestartDecision.wants(policy, view.exitCode(), false, view.restartCount()));
  }

  private SharedOperations shared() {
    return new SharedOperations(ports, reports(), results);
  }

  private StepReporter reports() {
    return new StepReporter(progress);
  }

  private void reported(String id, String doing, String done, Runnable action) {
    reports().reported(id, doing, "", done, action);
  }

  private void reported(String id, String doing, String why, String done, Runnable action) {
    reports().reported(id, doing, why, done, action);
  }

  private void report(String id, String status, String text) {
    reports().report(id, status, text);
  }

  private static String container(String name) {
    return "Container " + name;
  }

  private static String message(RuntimeException e) {
    return StepReporter.message(e);
  }
}
