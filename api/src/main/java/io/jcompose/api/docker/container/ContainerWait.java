package io.jcompose.api.docker.container;

import io.jcompose.api.ApiPorts;
import io.jcompose.api.docker.call.Call;
import io.jcompose.api.docker.call.Refusal;
import io.jcompose.api.docker.call.Routes;
import io.jcompose.api.text.JsonText;
import io.jcompose.core.ContainerView;
import io.jcompose.core.Containers;
import io.jcompose.core.EngineEvent;
import io.jcompose.core.Events;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/**
 * {@code POST /containers/{id}/wait}: the head at once, and the exit code when it is so. Ends are
 * told by events, so that no short life is missed.
 */
public final class ContainerWait {
  private final Containers containers;
  private final Events events;

  public ContainerWait(ApiPorts ports) {
    this.containers = ports.containers();
    this.events = ports.events();
  }

  public void addTo(Routes routes) {
    routes.post("/containers/{id}/wait", this::answer);
  }

  private enum Condition {
    NOT_RUNNING,
    NEXT_EXIT,
    REMOVED
  }

  private static Condition condition(String text) {
    return switch (text) {
      case "", "not-running" -> Condition.NOT_RUNNING;
      case "next-exit" -> Condition.NEXT_EXIT;
      case "removed" -> Condition.REMOVED;
      default -> throw new Refusal(400, "invalid condition: " + Refusal.shown(text));
    };
  }

  private void answer(Call call) throws IOException {
    Condition condition = condition(call.query("condition"));
    ContainerView view = ContainerRoutes.find(containers, call.name("id"));
    End end = new End(view.id(), condition, view.exitCode());
    try (Events.Subscription _ = events.subscribe(end::take)) {
      Optional<ContainerView> now = containers.find(view.id());
      end.look(now);
      Thread waiter = Thread.currentThread();
      OutputStream output = call.exchange().stream(200, Call.JSON, waiter::interrupt);
      int code = end.code.get();
      output.write(JsonText.line(Map.of("StatusCode", code)));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the client left
    } catch (ExecutionException e) {
      throw new IOException(e);
    }
  }

  /** The end that is waited for. Thread-safe. */
  private static final class End {
    private final String id;
    private final Condition condition;
    private final CompletableFuture<Integer> code = new CompletableFuture<>();
    private volatile int last;

    End(String id, Condition condition, int last) {
      this.id = id;
      this.condition = condition;
      this.last = last;
    }

    void take(EngineEvent event) {
      switch (event) {
        case EngineEvent.ContainerExited exit -> {
          if (exit.id().equals(id)) {
            last = exit.exitCode();
            if (condition != Condition.REMOVED) {
              code.complete(last);
            }
          }
        }
        case EngineEvent.ContainerRemoved gone -> {
          if (gone.id().equals(id)) {
            code.complete(last);
          }
        }
        case EngineEvent.ContainerCreated e -> {}
        case EngineEvent.ContainerStarted e -> {}
        case EngineEvent.HealthChanged e -> {}
        case EngineEvent.ContainerActed e -> {}
        case EngineEvent.ObjectChanged e -> {}
      }
    }

    /** What was so before the events began. */
    void look(Optional<ContainerView> now) {
      if (now.isEmpty()) {
        code.complete(last);
      } else if (condition == Condition.NOT_RUNNING && !now.get().isRunning()) {
        code.complete(now.get().exitCode());
      }
    }
  }
}
