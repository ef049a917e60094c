package io.jcompose.scheduler.watch;

import io.jcompose.core.Containers;
import io.jcompose.core.EngineEvent;
import io.jcompose.core.Events;
import io.jcompose.core.JcomposeException;
import io.jcompose.scheduler.Labels;
import io.jcompose.scheduler.desired.Desired;
import io.jcompose.scheduler.execute.Conditions;
import io.jcompose.scheduler.store.ProjectStore;
import io.jcompose.scheduler.store.ProjectStore.Stored;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.ThreadingModel;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The verticles of the projects, deployed on first use, and the bridge from the engine's events to
 * them. Containers of no project share one under the empty name. Thread-safe.
 */
public final class ProjectVerticles implements AutoCloseable {
  private static final String ADDRESS = "jcompose.project.";
  private static final long DEPLOY_SECONDS = 30;
  private static final DeliveryOptions LOCAL =
      new DeliveryOptions().setLocalOnly(true).setCodecName(EngineEventCodec.NAME);

  private final Vertx vertx;
  private final Containers containers;
  private final Conditions conditions;
  private final ProjectStore store;
  private final BiConsumer<String, String> follow;
  private final Map<String, Deployed> deployed = new ConcurrentHashMap<>();
  private final Set<Future<?>> retiring = ConcurrentHashMap.newKeySet();
  private final Events.Subscription subscription;

  /**
   * @param follow hears of project and service when a policy has started a container again
   */
  public ProjectVerticles(
      Vertx vertx,
      Containers containers,
      Conditions conditions,
      ProjectStore store,
      Events events,
      BiConsumer<String, String> follow) {
    this.vertx = vertx;
    this.containers = containers;
    this.conditions = conditions;
    this.store = store;
    this.follow = follow;
    registerCodec();
    this.subscription = events.subscribe(this::tell);
  }

  /**
   * Does work with the project's verticle. Of a project of which nothing is left afterwards the
   * verticle goes, too: names are given by users, and come without end.
   */
  public <T extends @Nullable Object> T with(String project, Function<ProjectVerticle, T> work) {
    Deployed used = deployed.compute(project, (name, found) -> deployed(name, found).used(1));
    try {
      return work.apply(atWork(project, used));
    } finally {
      deployed.computeIfPresent(project, (name, found) -> found.used(-1));
      retireIfGone(project);
    }
  }

  /** Calls back when the project has taken the events that were told so far; must not block. */
  public void afterEvents(String project, Runnable then) {
    Deployed found = deployed.get(project);
    if (found == null) {
      then.run();
      return;
    }
    found
        .id()
        .onComplete(
            done -> {
              if (done.succeeded()) {
                found.verticle().afterEvents(then);
              } else {
                then.run();
              }
            });
  }

  /** Whether a command is at work on the project, or waits for it. */
  public boolean isUsed(String project) {
    Deployed found = deployed.get(project);
    return found != null && found.users() > 0;
  }

  private static ProjectVerticle atWork(String project, Deployed found) {
    try {
      String ignored =
          found
              .id()
              .toCompletionStage()
              .toCompletableFuture()
              .get(DEPLOY_SECONDS, TimeUnit.SECONDS);
      return found.verticle();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new JcomposeException.Cancelled("interrupted while project " + project + " was set up");
    } catch (ExecutionException | TimeoutException e) {
      throw new JcomposeException.Internal("failed to set project " + project + " up", e);
    }
  }

  private void retireIfGone(String project) {
    Deployed found = deployed.get(project);
    if (found == null || found.users() > 0 || project.isEmpty() || !isGone(project)) {
      return;
    }
    deployed.computeIfPresent(
        project,
        (name, now) -> {
          if (now.users() > 0) {
            return now;
          }
          retire(now);
          return null;
        });
  }

  private void retireAtOnce(String project) {
    deployed.computeIfPresent(
        project,
        (name, last) -> {
          retire(last);
          return null;
        });
  }

  private void retire(Deployed last) {
    Future<?> end = last.id().compose(vertx::undeploy);
    retiring.add(end);
    end.onComplete(done -> retiring.remove(end));
  }

  private boolean isGone(String project) {
    return !store.exists(project) && containers.list(Map.of(Labels.PROJECT, project)).isEmpty();
  }

  @Override
  public void close() {
    subscription.close();
    deployed.keySet().forEach(this::retireAtOnce);
    List<Future<?>> undeployed = List.copyOf(retiring);
    if (undeployed.isEmpty()) {
      return;
    }
    try {
      // Vert.x undeploys all when it is closed, and complains of what is under way then.
      var ignored =
          Future.join(undeployed)
              .toCompletionStage()
              .toCompletableFuture()
              .get(DEPLOY_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      throw new JcomposeException.Internal("failed to end the projects' verticles", e);
    }
  }

  private void tell(EngineEvent event) {
    if (event instanceof EngineEvent.ObjectChanged) {
      return; // an image's labels are no project's
    }
    String project = event.labels().getOrDefault(Labels.PROJECT, "");
    Future<String> id = deployed.compute(project, this::deployed).id();
    if (id.isComplete()) {
      send(project, event);
    } else {
      id.onComplete(done -> send(project, event));
    }
    if (event instanceof EngineEvent.ContainerRemoved) {
      // Not on the engine's thread, which has the container's turn.
      Thread.ofVirtual().name("retire").start(() -> retireIfGone(project));
    }
  }

  private void send(String project, EngineEvent event) {
    vertx.eventBus().send(ADDRESS + project, event, LOCAL);
  }

  private Deployed deployed(String name, @Nullable Deployed found) {
    if (found != null) {
      return found;
    }
    ProjectVerticle verticle =
        new ProjectVerticle(
            ADDRESS + name,
            conditions,
            () ->
                new Restarts(
                    vertx,
                    containers,
                    service -> service(name, service),
                    service -> follow.accept(name, service)));
    DeploymentOptions virtual =
        new DeploymentOptions().setThreadingModel(ThreadingModel.VIRTUAL_THREAD);
    return new Deployed(verticle, vertx.deployVerticle(verticle, virtual), 0);
  }

  private Desired.@Nullable Service service(String project, String service) {
    return project.isEmpty()
        ? null
        : store
            .load(project)
            .map(Stored::desired)
            .map(desired -> desired.services().get(service))
            .orElse(null);
  }

  private void registerCodec() {
    try {
      vertx.eventBus().registerCodec(new EngineEventCodec());
    } catch (IllegalStateException e) {
      // Another Projects on this Vert.x has registered it.
      return;
    }
  }

  /**
   * @param users commands that need it
   */
  private record Deployed(ProjectVerticle verticle, Future<String> id, int users) {
    Deployed used(int more) {
      return new Deployed(verticle, id, users + more);
    }
  }
}
