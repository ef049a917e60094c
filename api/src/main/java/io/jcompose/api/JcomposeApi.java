package io.jcompose.api;

import io.jcompose.api.answer.ApiError;
import io.jcompose.api.answer.FailureReport;
import io.jcompose.api.build.BuildEndpoints;
import io.jcompose.api.build.UploadedBuild;
import io.jcompose.api.container.ContainerEndpoints;
import io.jcompose.api.container.DebuggedBuild;
import io.jcompose.api.container.ExecCommand;
import io.jcompose.api.container.Listings;
import io.jcompose.api.docker.DockerApi;
import io.jcompose.api.host.Audit;
import io.jcompose.api.host.EngineCommands;
import io.jcompose.api.host.HostEndpoints;
import io.jcompose.api.host.LoginCommands;
import io.jcompose.api.host.Pruning;
import io.jcompose.api.host.SystemCommands;
import io.jcompose.api.http.Exchange;
import io.jcompose.api.http.Handler;
import io.jcompose.api.http.ServerSocketFront;
import io.jcompose.api.log.EventLog;
import io.jcompose.api.log.LogsCommand;
import io.jcompose.api.project.AttachedUp;
import io.jcompose.api.project.ConfigText;
import io.jcompose.api.project.Lookups;
import io.jcompose.api.project.ProjectCommands;
import io.jcompose.api.project.PushCommands;
import io.jcompose.api.project.WaitCommand;
import io.jcompose.api.request.CommandRequest;
import io.jcompose.api.request.ProjectSource;
import io.jcompose.api.text.JsonText;
import io.jcompose.compose.ProjectLoader;
import io.jcompose.compose.model.Project;
import io.jcompose.core.Activity;
import io.jcompose.core.Containers;
import io.jcompose.core.Events;
import io.jcompose.core.Images;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.sync.FairShare;
import io.jcompose.scheduler.Projects;
import java.io.IOException;
import java.time.Clock;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Routes requests to commands and turns what they throw into answers. Thread-safe. */
public final class JcomposeApi implements Handler {
  private static final Logger LOG = LoggerFactory.getLogger(JcomposeApi.class);
  private static final String OWN = "/jcompose/";
  private static final String PREFIX = OWN + "v1/";
  private static final int BODY_LIMIT = 4 * 1024 * 1024;

  /**
   * By kind: clients that follow something and never leave, as a monitor that loses count of its
   * own, must leave room for those who list and stop.
   */
  private final FairShare underWay = new FairShare(ServerSocketFront.MOST_CONNECTIONS);

  private final Projects projects;
  private final Containers containers;
  private final Images images;
  private final Events events;
  private final EngineInfo info;
  private final Clock clock;
  private final ProjectLoader loader;
  private final ProjectSource source;
  private final ProjectCommands commands;
  private final BuildEndpoints builds;
  private final UploadedBuild uploads;
  private final DebuggedBuild debugged;
  private final PushCommands pushes;
  private final FailureReport failures;
  private final Listings listings;
  private final Lookups lookups;
  private final WaitCommand waiting;
  private final LogsCommand logs;
  private final ExecCommand exec;
  private final SystemCommands system;
  private final ContainerEndpoints single;
  private final EngineCommands engine;
  private final HostEndpoints host;
  private final LoginCommands logins;
  private final Supplier<DockerApi> makeDocker;
  private @Nullable DockerApi docker; // guarded by this

  /**
   * @param stop asks the engine's process to end; returns at once
   */
  public JcomposeApi(
      Projects projects,
      ApiPorts ports,
      EngineInfo info,
      Runnable stop,
      Clock clock,
      ProjectLoader loader) {
    Activity activity = ports.activity();
    this.containers = ports.containers();
    this.images = ports.images();
    this.events = ports.events();
    this.loader = loader;
    this.source = new ProjectSource(loader, projects.lists(), containers, images);
    this.projects = projects;
    this.info = info;
    this.clock = clock;
    FailureReport failures = new FailureReport(containers, activity);
    this.commands = new ProjectCommands(projects, source, failures);
    this.builds = new BuildEndpoints(projects, ports.builds(), source);
    this.uploads = new UploadedBuild(builds, ports.builds());
    this.debugged = new DebuggedBuild(ports.containers());
    this.pushes = new PushCommands(projects, images, source);
    this.failures = failures;
    this.listings = new Listings(projects, containers, images, activity, source, clock);
    this.lookups = new Lookups(projects, containers, ports.volumes(), source);
    this.waiting = new WaitCommand(projects, containers, source);
    this.logs = new LogsCommand(projects, containers, source, events, clock);
    this.exec = new ExecCommand(projects, containers, source, failures);
    this.engine = new EngineCommands(containers, info, stop, clock);
    EventLog log = new EventLog(containers, ports.networks(), events);
    this.single = new ContainerEndpoints(ports, source, log, clock);
    this.logins = new LoginCommands(images, containers, source, projects);
    this.system = new SystemCommands(ports, info, projects::warnings, clock);
    Pruning pruning = new Pruning(ports, info.stateRoot(), projects.activity()::isAtWork, clock);
    this.host = new HostEndpoints(ports, pruning, source, clock);
    this.makeDocker = () -> new DockerApi(ports, info, system, pruning, log, underWay, clock);
  }

  @Override
  public void handle(Exchange exchange) throws IOException {
    if (!exchange.head().path().startsWith(OWN)) {
      docker().handle(exchange);
      return;
    }
    try {
      route(exchange);
    } catch (RuntimeException e) {
      ApiError.log(e);
      refuse(exchange, e);
    } catch (StackOverflowError e) {
      LOG.error("a request needs more stack than there is", e);
      refuse(exchange, new JcomposeException.InvalidArgument("the project is nested too deeply"));
    }
  }

  /** Made when it is first asked for: few engines ever are, and its classes take memory. */
  private synchronized DockerApi docker() {
    DockerApi made = docker;
    if (made == null) {
      made = makeDocker.get();
      docker = made;
    }
    return made;
  }

  private static void refuse(Exchange exchange, RuntimeException e) throws IOException {
    if (exchange.isStarted()) {
      throw new IOException("failed after the answer began", e);
    }
    exchange.respond(
        ApiError.status(e), "application/json", JsonText.of(ApiError.members(e)) + "\n");
  }

  /** Errors that are not an answer to the client are the engine's own. */
  private void route(Exchange exchange) throws IOException {
    String path = exchange.head().path();
    String method = exchange.head().method();
    boolean reads = method.equals("GET") || method.equals("HEAD");
    if (reads && path.equals(PREFIX + "_ping")) {
      exchange.respond(200, "text/plain; charset=utf-8", "OK");
    } else if (reads && path.equals(PREFIX + "version")) {
      exchange.respond(200, "application/json", "{\"version\":\"" + info.version() + "\"}\n");
    } else if (method.equals("POST") && path.startsWith(PREFIX)) {
      command(path.substring(PREFIX.length()), exchange);
    } else {
      throw new JcomposeException.NotFound("no such endpoint: " + method + " " + path);
    }
  }

  private void command(String name, Exchange exchange) throws IOException {
    if (!underWay.take(name, 1)) {
      throw new JcomposeException.Unavailable(
          "too many requests of this kind are under way ("
              + name
              + "); try again when some have ended");
    }
    try {
      byte[] body = exchange.bodyBytes(BODY_LIMIT);
      exchange.charge(JsonText.treeBytes(body));
      CommandRequest request = CommandRequest.parse(body, bytes -> charge(exchange, bytes));
      command(name, exchange, request.warning(exchange::warn));
    } finally {
      underWay.give(name, 1);
    }
  }

  private static void charge(Exchange exchange, int bytes) {
    try {
      exchange.charge(bytes);
    } catch (IOException e) {
      throw new JcomposeException.Unavailable(
          "too many large projects are at work at once; try again", e);
    }
  }

  private void command(String name, Exchange exchange, CommandRequest request) throws IOException {
    Audit.tell(exchange.caller(), name, request);
    switch (name) {
      case "up" -> up(exchange, request);
      case "create" -> commands.answer(exchange, request, commands::create);
      case "scale" -> commands.answer(exchange, request, commands::scale);
      case "pause" -> commands.answer(exchange, request, commands::pause);
      case "unpause" -> commands.answer(exchange, request, commands::unpause);
      case "rm" -> commands.answer(exchange, request, commands::remove);
      case "rm/candidates" -> text(exchange, request, lookups::removable);
      case "wait" -> waiting.answer(exchange, request);
      case "port" -> text(exchange, request, lookups::port);
      case "volumes" -> text(exchange, request, lookups::volumes);
      case "down" -> commands.answer(exchange, request, commands::down);
      case "start" -> commands.answer(exchange, request, commands::start);
      case "stop" -> commands.answer(exchange, request, commands::stop);
      case "restart" -> commands.answer(exchange, request, commands::restart);
      case "kill" -> commands.answer(exchange, request, commands::kill);
      case "pull" -> commands.answer(exchange, request, commands::pull);
      case "build" -> {
        if (DebuggedBuild.isMeant(request)) {
          debugged.answer(exchange, request, builds::services);
        } else {
          commands.answer(exchange, request, builds::services);
        }
      }
      case "image/build" -> {
        if (UploadedBuild.isMeant(request)) {
          uploads.answer(exchange, request);
        } else if (DebuggedBuild.isMeant(request)) {
          debugged.answer(exchange, request, builds::image);
        } else {
          commands.answer(exchange, request, builds::image);
        }
      }
      case "image/files" -> builds.files(exchange, request);
      case "image/pull" -> commands.answer(exchange, request, commands::pullImage);
      case "push" -> commands.answer(exchange, request, pushes::push);
      case "image/push" -> commands.answer(exchange, request, pushes::pushImages);
      case "ps" -> text(exchange, request, listings::ps);
      case "ls" -> text(exchange, request, listings::ls);
      case "images" -> text(exchange, request, listings::images);
      case "config" -> text(exchange, request, new ConfigText(loader, images::pinned)::render);
      case "login" -> text(exchange, request, logins::login);
      case "registries" -> text(exchange, request, logins::registries);
      case "logs" -> logs.answer(exchange, request);
      case "exec" -> exec.exec(exchange, request);
      case "run" -> exec.run(exchange, request);
      case "system/info" -> text(exchange, request, system::info);
      case "version" -> text(exchange, request, system::version);
      case "engine/status" -> text(exchange, request, ignored -> engine.status());
      case "engine/supervisor" -> text(exchange, request, ignored -> engine.supervisor());
      case "engine/stop" -> engine.stop(exchange);
      case "attach" -> exec.attach(exchange, request);
      default -> {
        if (!single.answer(name, exchange, request) && !host.answer(name, exchange, request)) {
          throw new JcomposeException.NotFound("no such endpoint: " + PREFIX + name);
        }
      }
    }
  }

  private void up(Exchange exchange, CommandRequest request) throws IOException {
    if (!request.is("attached")) {
      commands.answer(exchange, request, commands::up);
      return;
    }
    Project project = source.load(request, request.arguments());
    AttachedUp.requireServices(project, request);
    new AttachedUp(projects, containers, events, project, request, clock.instant())
        .answer(exchange, failures, source.cautions(request, project));
  }

  private static void text(
      Exchange exchange, CommandRequest request, Function<CommandRequest, String> rendering)
      throws IOException {
    exchange.respond(200, "text/plain; charset=utf-8", rendering.apply(request));
  }
}
