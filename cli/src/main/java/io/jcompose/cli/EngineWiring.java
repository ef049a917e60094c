package io.jcompose.cli;

import io.jcompose.api.EngineInfo;
import io.jcompose.api.JcomposeApi;
import io.jcompose.api.http.ServerSocketFront;
import io.jcompose.core.Containers;
import io.jcompose.core.Events;
import io.jcompose.core.Images;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Networks;
import io.jcompose.core.Rollback;
import io.jcompose.core.Volumes;
import io.jcompose.scheduler.Projects;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneId;

/**
 * The whole engine, put together by plain constructors, and taken apart in reverse. Owned by {@link
 * EngineAction}.
 */
final class EngineWiring implements AutoCloseable {
  private static final String GROUP = "jcompose";

  private final Path socket;
  private final Rollback parts;

  private EngineWiring(Path socket, Rollback parts) {
    this.socket = socket;
    this.parts = parts;
  }

  /** What the engine module gives. */
  record Ports(
      Containers containers,
      Images images,
      Networks networks,
      Volumes volumes,
      Events events,
      Runnable close) {}

  /** Opens everything; on failure what was opened is closed again. */
  static EngineWiring open(Path state, Path run, Path config) throws IOException {
    Rollback parts = new Rollback();
    try {
      Ports ports = openPorts(state, run, config);
      parts.push("close the engine", ports.close());
      Vertx vertx = Vertx.vertx(smallVertx());
      parts.push("close Vert.x", () -> vertx.close().await());
      Projects projects =
          new Projects(
              vertx,
              state.resolve("projects"),
              ports.containers(),
              ports.networks(),
              ports.volumes(),
              ports.images(),
              ports.events());
      parts.push("close the projects", projects::close);
      EngineInfo info = new EngineInfo(VersionAction.VERSION, state, run);
      JcomposeApi api =
          new JcomposeApi(
              projects,
              ports.containers(),
              ports.images(),
              ports.networks(),
              ports.volumes(),
              ports.events(),
              info,
              Clock.system(ZoneId.systemDefault()));
      Path socket = run.resolve("engine.sock");
      ServerSocketFront front = ServerSocketFront.open(socket, GROUP, api);
      parts.push("close the socket", () -> closeFront(front));
      projects.resume();
      return new EngineWiring(socket, parts);
    } catch (IOException | RuntimeException e) {
      parts.close();
      throw e;
    }
  }

  Path socket() {
    return socket;
  }

  @Override
  public void close() {
    parts.close();
  }

  @SuppressWarnings("DoNotCallSuggester") // until the engine module opens
  private static Ports openPorts(Path state, Path run, Path config) {
    throw new JcomposeException.NotSupported(
        "there is no engine yet for " + state + " and " + run + " with " + config);
  }

  /** One project is one verticle on virtual threads; the pools serve nothing else. */
  private static VertxOptions smallVertx() {
    return new VertxOptions()
        .setEventLoopPoolSize(1)
        .setWorkerPoolSize(1)
        .setInternalBlockingPoolSize(1);
  }

  private static void closeFront(ServerSocketFront front) {
    try {
      front.close();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
