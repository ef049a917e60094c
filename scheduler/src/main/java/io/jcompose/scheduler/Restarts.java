package io.jcompose.scheduler;

import io.jcompose.core.ContainerSpec.RestartPolicy;
import io.jcompose.core.ContainerView;
import io.jcompose.core.ContainerView.State;
import io.jcompose.core.Containers;
import io.jcompose.core.EngineEvent;
import io.jcompose.core.JcomposeException;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts containers again after an end that nobody asked for, as their policies say. Owned by its
 * ProjectVerticle and used on its context only.
 */
final class Restarts {
  private static final Logger LOG = LoggerFactory.getLogger(Restarts.class);
  private final Vertx vertx;
  private final Containers containers;
  private final Function<String, Desired.@Nullable Service> services;
  private final Map<String, RestartDecision> decisions = new HashMap<>();
  private final Map<String, Long> timers = new HashMap<>();

  /**
   * @param services gives what is known of a service, or null
   */
  Restarts(
      Vertx vertx, Containers containers, Function<String, Desired.@Nullable Service> services) {
    this.vertx = vertx;
    this.containers = containers;
    this.services = services;
  }

  void on(EngineEvent event) {
    switch (event) {
      case EngineEvent.ContainerExited exited -> exited(exited);
      case EngineEvent.ContainerRemoved removed -> {
        cancel(removed.id());
        decisions.remove(removed.id());
      }
      case EngineEvent.ContainerStarted started -> cancel(started.id());
      default -> {}
    }
  }

  void close() {
    timers.values().forEach(vertx::cancelTimer);
    timers.clear();
  }

  private void exited(EngineEvent.ContainerExited event) {
    cancel(event.id());
    ContainerView view = containers.find(event.id()).orElse(null);
    if (view == null || event.requested() || view.isRunning()) {
      return;
    }
    RestartPolicy policy = view.spec().lifecycle().restart();
    if (policy.kind() == RestartPolicy.Kind.NO) {
      return;
    }
    Desired.Service service = services.apply(Observed.service(view));
    RestartDecision decision =
        decisions
            .getOrDefault(event.id(), RestartDecision.NONE)
            .after(
                policy,
                event.exitCode(),
                ran(view, event.at()),
                view.manuallyStopped(),
                view.restartCount(),
                service == null ? null : service.restartDelay(),
                service == null ? null : service.restartWindow());
    decisions.put(event.id(), decision);
    if (decision.restart()) {
      try {
        containers.markRestarting(event.id());
      } catch (JcomposeException.NotFound e) {
        decisions.remove(event.id());
        return; // removed meanwhile
      }
      long millis = Math.max(1, decision.pause().toMillis());
      timers.put(event.id(), vertx.setTimer(millis, timer -> due(event.id())));
    }
  }

  private static Duration ran(ContainerView view, Instant ended) {
    Instant started = view.startedAt();
    return started == null ? Duration.ZERO : Duration.between(started, ended);
  }

  private void due(String id) {
    timers.remove(id);
    Thread.ofVirtual().name("restart").start(() -> restart(id));
  }

  /** A stop or removal in the meantime has taken it out of RESTARTING. */
  private void restart(String id) {
    try {
      if (containers.find(id).filter(view -> view.state() == State.RESTARTING).isPresent()) {
        containers.restartAfterExit(id);
      }
    } catch (RuntimeException e) {
      // As Docker: an end that is no end of a run is not followed by another attempt.
      LOG.warn("failed to start container {} again", id, e);
    }
  }

  private void cancel(String id) {
    Long timer = timers.remove(id);
    if (timer != null) {
      vertx.cancelTimer(timer);
    }
  }
}
