package io.jcompose.scheduler.watch;

import io.jcompose.core.ContainerSpec.RestartPolicy;
import io.jcompose.core.ContainerView;
import io.jcompose.core.ContainerView.HealthStatus;
import io.jcompose.core.ContainerView.State;
import io.jcompose.core.Containers;
import io.jcompose.core.EngineEvent;
import io.jcompose.core.JcomposeException;
import io.jcompose.scheduler.Labels;
import io.jcompose.scheduler.desired.Desired;
import io.jcompose.scheduler.plan.RestartDecision;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts containers again after an end that nobody asked for, as their policies say, and once more
 * when a start of its own fails. Owned by its ProjectVerticle, made and used on its context only.
 */
final class Restarts {
  private static final Logger LOG = LoggerFactory.getLogger(Restarts.class);
  private static final RestartPolicy ALWAYS = new RestartPolicy(RestartPolicy.Kind.ALWAYS, 0);

  private static final int START_FAILED = 128;

  private final Vertx vertx;
  private final Context context;
  private final Containers containers;
  private final Function<String, Desired.@Nullable Service> services;
  private final Consumer<String> follow;
  private final Map<String, RestartDecision> decisions = new HashMap<>();
  private final Set<String> haveBeenHealthy = new HashSet<>();
  private final Set<String> stoppedAsUnhealthy = new HashSet<>();
  private final Map<String, Long> timers = new HashMap<>();
  private final Set<String> startedAgain = new HashSet<>();

  /**
   * @param services gives what is known of a service, or null
   * @param follow restarts those that follow a restart of the service of that name; called on a
   *     thread of its own
   */
  Restarts(
      Vertx vertx,
      Containers containers,
      Function<String, Desired.@Nullable Service> services,
      Consumer<String> follow) {
    this.vertx = vertx;
    this.context = vertx.getOrCreateContext();
    this.containers = containers;
    this.services = services;
    this.follow = follow;
  }

  void on(EngineEvent event) {
    switch (event) {
      case EngineEvent.ContainerExited exited -> exited(exited);
      case EngineEvent.ContainerRemoved removed -> {
        cancel(removed.id());
        decisions.remove(removed.id());
        haveBeenHealthy.remove(removed.id());
        stoppedAsUnhealthy.remove(removed.id());
      }
      case EngineEvent.ContainerStarted started -> {
        cancel(started.id());
        haveBeenHealthy.remove(started.id());
        if (!startedAgain.remove(started.id())) {
          // A start by command gives it all its attempts again.
          decisions.put(started.id(), RestartDecision.NONE);
        }
      }
      case EngineEvent.HealthChanged changed -> healthChanged(changed);
      default -> {}
    }
  }

  void close() {
    timers.values().forEach(vertx::cancelTimer);
    timers.clear();
  }

  /** Goes on with a pause that an earlier engine began: what is left of it. */
  void goOn(String id, Duration left) {
    restartAfter(id, left);
  }

  private void exited(EngineEvent.ContainerExited event) {
    cancel(event.id());
    boolean unhealthy = stoppedAsUnhealthy.remove(event.id());
    ContainerView view = containers.find(event.id()).orElse(null);
    if (view == null || view.isRunning()) {
      return;
    }
    RestartPolicy policy = unhealthy ? ALWAYS : view.spec().lifecycle().restart();
    if ((event.requested() && !unhealthy) || policy.kind() == RestartPolicy.Kind.NO) {
      end(event.id());
      return;
    }
    // A run that never became healthy was no good one, however long it took to find out.
    boolean useless = unhealthy && !haveBeenHealthy.contains(event.id());
    RestartDecision decision =
        decide(view, policy, event.exitCode(), useless ? Duration.ZERO : event.ran());
    if (decision.restart()) {
      restartAfter(event.id(), decision.pause());
    } else {
      end(event.id());
    }
  }

  private RestartDecision decide(
      ContainerView view, RestartPolicy policy, int exitCode, Duration ran) {
    Desired.Service service = services.apply(Labels.service(view));
    RestartDecision decision =
        decisions
            .getOrDefault(view.id(), new RestartDecision(false, view.restartPause(), 0))
            .after(
                policy,
                exitCode,
                ran,
                view.manuallyStopped(),
                view.restartCount(),
                service == null ? null : service.restartDelay(),
                service == null ? null : service.restartWindow(),
                service == null ? 0 : service.restartAttempts());
    decisions.put(view.id(), decision);
    return decision;
  }

  private void restartAfter(String id, Duration pause) {
    try {
      containers.markRestarting(id, pause);
    } catch (JcomposeException.NotFound e) {
      decisions.remove(id);
      return; // removed meanwhile
    }
    long millis = Math.max(1, pause.toMillis());
    timers.put(id, vertx.setTimer(millis, timer -> due(id)));
  }

  private void end(String id) {
    try {
      containers.markEnded(id);
    } catch (JcomposeException.NotFound e) {
      decisions.remove(id); // removed meanwhile
    }
  }

  /** Docker leaves an unhealthy container alone; a service can ask for more. */
  private void healthChanged(EngineEvent.HealthChanged event) {
    if (event.health() == HealthStatus.HEALTHY) {
      haveBeenHealthy.add(event.id());
    }
    if (event.health() != HealthStatus.UNHEALTHY) {
      return;
    }
    ContainerView view = containers.find(event.id()).orElse(null);
    Desired.Service service = view == null ? null : services.apply(Labels.service(view));
    if (view != null && view.isRunning() && service != null && service.restartsUnhealthy()) {
      LOG.warn("container {} is unhealthy: it is started again", view.name());
      stoppedAsUnhealthy.add(event.id());
      Thread.ofVirtual().name("restart-unhealthy").start(() -> stop(event.id()));
    }
  }

  private void stop(String id) {
    try {
      containers.stopForRestart(id);
    } catch (RuntimeException e) {
      LOG.warn("failed to stop the unhealthy container {}", id, e);
    }
  }

  private void due(String id) {
    timers.remove(id);
    startedAgain.add(id);
    Thread.ofVirtual().name("restart").start(() -> restart(id));
  }

  /** A stop or removal in the meantime has taken it out of RESTARTING. */
  private void restart(String id) {
    try {
      ContainerView view = containers.find(id).orElse(null);
      if (view == null || view.state() != State.RESTARTING) {
        context.runOnContext(ignored -> startedAgain.remove(id));
        return;
      }
      containers.restartAfterExit(id);
      follow.accept(Labels.service(view));
    } catch (RuntimeException e) {
      LOG.warn("failed to start container {} again: {}", id, e.getMessage());
      context.runOnContext(ignored -> startFailed(id, e));
    }
  }

  /** Counts as an end at once, where what kept it from its start may pass. */
  private void startFailed(String id, RuntimeException failure) {
    startedAgain.remove(id);
    ContainerView view = containers.find(id).orElse(null);
    if (view == null || view.isRunning() || view.manuallyStopped()) {
      return; // a person's stop has made it exited
    }
    RestartPolicy own = view.spec().lifecycle().restart();
    RestartPolicy policy = own.kind() == RestartPolicy.Kind.NO ? ALWAYS : own;
    RestartDecision decision = decide(view, policy, START_FAILED, Duration.ZERO);
    boolean spent = policy.maxRetries() > 0 && decision.attempts() > policy.maxRetries();
    if (RestartDecision.mayPass(failure) && decision.restart() && !spent) {
      restartAfter(id, decision.pause());
    } else {
      end(id);
    }
  }

  private void cancel(String id) {
    Long timer = timers.remove(id);
    if (timer != null) {
      vertx.cancelTimer(timer);
    }
  }
}
