package io.jcompose.scheduler;

import io.jcompose.core.Containers;
import io.jcompose.core.EngineEvent;
import io.jcompose.core.Events;
import io.jcompose.core.JcomposeException;
import io.jcompose.scheduler.ProjectStore.Stored;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.ThreadingModel;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The verticles of the projects, deployed on first use, and the bridge from the engine's events to
 * them. Containers of no project share one under the empty name. Thread-safe.
 */
final class ProjectVerticles implements AutoCloseable {
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
  private final Events.Subscription subscription;

  /**
   * @param follow hears of project and service when a policy has started a container again
   */
  ProjectVerticles(
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

  /** The project's verticle, at work. */
  ProjectVerticle of(String project) {
    Deployed found = deployed(project);
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

  @Override
  public void close() {
    subscription.close();
    List<Future<?>> undeployed = new ArrayList<>();
    deployed.values().forEach(one -> undeployed.add(one.id().compose(vertx::undeploy)));
    deployed.clear();
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
    String project = event.labels().getOrDefault(Labels.PROJECT, "");
    Future<String> id = deployed(project).id();
    if (id.isComplete()) {
      send(project, event);
    } else {
      id.onComplete(done -> send(project, event));
    }
  }

  private void send(String project, EngineEvent event) {
    vertx.eventBus().send(ADDRESS + project, event, LOCAL);
  }

  private Deployed deployed(String project) {
    return deployed.computeIfAbsent(
        project,
        name -> {
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
          return new Deployed(
              verticle,
              vertx.deployVerticle(
                  verticle,
                  new DeploymentOptions().setThreadingModel(ThreadingModel.VIRTUAL_THREAD)));
        });
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

  private record Deployed(ProjectVerticle verticle, Future<String> id) {}
}
