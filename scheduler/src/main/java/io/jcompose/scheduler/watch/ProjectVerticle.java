package io.jcompose.scheduler.watch;

import io.jcompose.core.EngineEvent;
import io.jcompose.scheduler.execute.Conditions;
import io.jcompose.scheduler.queue.CommandQueue;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One project at work: the {@link CommandQueue} that its commands take, each on its caller's
 * virtual thread; and its events, on the verticle's own.
 */
public final class ProjectVerticle extends VerticleBase {
  private final String address;
  private final Conditions conditions;
  private final Supplier<Restarts> makeRestarts;
  private final CommandQueue queue = new CommandQueue();
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

  /** Whose command is next. */
  public CommandQueue queue() {
    return queue;
  }

  /** Calls back on the context when it has taken the events that were told so far. */
  void afterEvents(Runnable then) {
    context.runOnContext(ignored -> then.run());
  }

  /** Starts a container again when what is left of its pause is over. */
  public void restartLater(String id, Duration left) {
    context.runOnContext(
        ignored -> {
          if (restarts != null) {
            restarts.goOn(id, left);
          }
        });
  }

  private void on(EngineEvent event) {
    try {
      if (restarts != null) {
        restarts.on(event);
      }
    } finally {
      conditions.changed(id(event)); // last: whether it is started again is known by now
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
      case EngineEvent.ObjectChanged e -> e.id();
    };
  }
}
