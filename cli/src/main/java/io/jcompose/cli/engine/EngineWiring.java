package io.jcompose.cli.engine;

import io.jcompose.api.ApiPorts;
import io.jcompose.api.EngineInfo;
import io.jcompose.api.JcomposeApi;
import io.jcompose.api.http.ServerSocketFront;
import io.jcompose.cli.local.ForeignSourceFiles;
import io.jcompose.cli.local.PublishedProjects;
import io.jcompose.compose.ProjectLoader;
import io.jcompose.core.Containers;
import io.jcompose.core.sync.Rollback;
import io.jcompose.engine.Engine;
import io.jcompose.engine.EngineConfig;
import io.jcompose.linux.DescriptorLimit;
import io.jcompose.registry.Registry;
import io.jcompose.scheduler.Projects;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneId;
import java.util.concurrent.TimeUnit;

/**
 * The whole engine, put together by plain constructors, and taken apart in reverse. Owned by {@link
 * EngineAction}.
 */
final class EngineWiring implements AutoCloseable {
  /** Who may use the socket, beside root. */
  static final String GROUP = "jcompose";

  /** As in the unit file: a container needs some eight, a published port and a client more. */
  private static final long DESCRIPTORS = 1024 * 1024;

  private final Path socket;
  private final Containers containers;
  private final Rollback parts;

  private EngineWiring(Path socket, Containers containers, Rollback parts) {
    this.socket = socket;
    this.containers = containers;
    this.parts = parts;
  }

  /**
   * Opens everything; on failure what was opened is closed again.
   *
   * @param commands what carries out the command lines of client programs
   * @param stop asks the process to end
   */
  static EngineWiring open(EngineInfo info, ClientCommands.CommandLine commands, Runnable stop)
      throws IOException {
    Path state = info.stateRoot();
    Path run = info.runRoot();
    Path config = info.config();
    DescriptorLimit.raise(DESCRIPTORS);
    Rollback parts = new Rollback();
    try {
      Engine engine = Engine.open(new EngineConfig(state, run, config, shim()));
      parts.push("close the engine", engine::close);
      Vertx vertx = Vertx.vertx(smallVertx());
      parts.push("close Vert.x", () -> vertx.close().await());
      Projects projects =
          new Projects(
              vertx,
              state.resolve("projects"),
              engine.containers(),
              engine.networks(),
              engine.volumes(),
              engine.images(),
              engine.builds(),
              engine.events());
      parts.push("close the projects", projects::close);
      projects.expectResume();
      Registry registry = new Registry(state.resolve("registry"), engine.repositories());
      parts.push("close the registry", registry::close);
      registry.resume();
      JcomposeApi api =
          new JcomposeApi(
              projects,
              ports(engine, registry),
              info,
              stop,
              Clock.system(ZoneId.systemDefault()),
              new ProjectLoader(new PublishedProjects(config), new ForeignSourceFiles()));
      Path socket = run.resolve("engine.sock");
      String build = ClientCommands.build(Path.of(System.getProperty("jcompose.home", ".")));
      ServerSocketFront front =
          ServerSocketFront.open(socket, GROUP, new ClientCommands(api, commands, build, socket));
      parts.push("close the socket", () -> closeFront(front));
      // A project's dependencies may take minutes to become healthy; requests are answered
      // meanwhile.
      Thread.ofVirtual().name("resume").start(projects::resume);
      Thread.ofPlatform().name("idle").daemon().start(new IdleCollector());
      return new EngineWiring(socket, engine.containers(), parts);
    } catch (IOException | RuntimeException e) {
      parts.close();
      throw e;
    }
  }

  private static ApiPorts ports(Engine engine, Registry registry) {
    return new ApiPorts(
        engine.containers(),
        engine.contents(),
        engine.activity(),
        engine.images(),
        engine.builds(),
        engine.networks(),
        engine.volumes(),
        engine.events(),
        registry);
  }

  Containers containers() {
    return containers;
  }

  Path socket() {
    return socket;
  }

  @Override
  public void close() {
    parts.close();
  }

  /** The shim beside the program's jars, or where {@code jcompose.shim} says. */
  private static Path shim() {
    String own = System.getProperty("jcompose.shim", "");
    return own.isEmpty()
        ? Path.of(System.getProperty("jcompose.home", "."), "lib", "jcompose-shim")
        : Path.of(own);
  }

  /** One project is one verticle on virtual threads; the pools serve nothing else. */
  private static VertxOptions smallVertx() {
    return new VertxOptions()
        .setEventLoopPoolSize(1)
        .setWorkerPoolSize(1)
        .setInternalBlockingPoolSize(1)
        .setBlockedThreadCheckInterval(TimeUnit.HOURS.toMillis(1)) // no event loop of ours blocks
        .setFileSystemOptions(noFileCache());
  }

  /** No file is served: otherwise each killed engine leaves a folder in /tmp. */
  private static FileSystemOptions noFileCache() {
    return new FileSystemOptions().setFileCachingEnabled(false).setClassPathResolvingEnabled(false);
  }

  private static void closeFront(ServerSocketFront front) {
    try {
      front.close();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
