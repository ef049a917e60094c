package io.jcompose.scheduler;

import io.jcompose.core.EngineEvent;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.time.Duration;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One project at work: its commands, one after the other in the order they came, each on its
 * caller's virtual thread; and its events, on the verticle's own.
 */
final class ProjectVerticle extends VerticleBase {
  private final String address;
  private final Conditions conditions;
  private final Supplier<Restarts> makeRestarts;
  private final ReentrantLock turn = new ReentrantLock(true);
  private final Queue<String> urgent = new ConcurrentLinkedQueue<>();
  private volatile @Nullable Cancellation current;
  private volatile String doing = "";
  private @Nullable Restarts restarts; // confined to the context

  ProjectVerticle(String address, Conditions conditions, Supplier<Restarts> makeRestarts) {
    this.address = address;
    this.conditions = conditions;
    this.makeRestarts = makeRestarts;
  }

  @Override
  public Future<?> start() {
    restarts = makeRestarts.get();
    return vertx
        .eventBus()
        .<EngineEvent>localConsumer(address, message -> on(message.body()))
        .completion();
  }

  @Override
  public Future<?> stop() {
    if (restarts != null) {
      restarts.close();
    }
    // The consumer goes with its verticle.
    return Future.succeededFuture();
  }

  /**
   * Runs a command in its turn, on the calling thread.
   *
   * @param overtakes ends the waits of the command before it, which then fails as Cancelled
   */
  <T extends @Nullable Object> T command(
      String what, boolean overtakes, Function<Cancellation, T> body) {
    if (overtakes) {
      urgent.add(what);
      Cancellation running = current;
      if (running != null) {
        running.cancel(what);
      }
    }
    turn.lock();
    try {
      if (overtakes) {
        urgent.remove(what);
      }
      Cancellation cancellation = new Cancellation();
      current = cancellation;
      doing = what;
      String waiting = urgent.peek();
      if (waiting != null && !overtakes) {
        cancellation.cancel(waiting);
      }
      return body.apply(cancellation);
    } finally {
      current = null;
      doing = "";
      turn.unlock();
    }
  }

  /**
   * Runs a command without waiting for its turn while one of {@code others} is at work, which it
   * then helps to its end; else as one that overtakes.
   */
  <T extends @Nullable Object> T beside(
      Set<String> others, String what, Function<Cancellation, T> body) {
    return others.contains(doing) ? body.apply(new Cancellation()) : command(what, true, body);
  }

  /** Starts a container again when what is left of its pause is over. */
  void restartLater(String id, Duration left) {
    context.runOnContext(
        ignored -> {
          if (restarts != null) {
            restarts.goOn(id, left);
          }
        });
  }

  private void on(EngineEvent event) {
    conditions.changed(id(event));
    if (restarts != null) {
      restarts.on(event);
    }
  }

  private static String id(EngineEvent event) {
    return switch (event) {
      case EngineEvent.ContainerCreated e -> e.id();
      case EngineEvent.ContainerStarted e -> e.id();
      case EngineEvent.ContainerExited e -> e.id();
      case EngineEvent.HealthChanged e -> e.id();
      case EngineEvent.ContainerRemoved e -> e.id();
      case EngineEvent.ContainerActed e -> e.id();
    };
  }
}
