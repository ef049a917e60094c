package io.jcompose.scheduler;

import io.jcompose.compose.model.Build;
import io.jcompose.compose.model.Project;
import io.jcompose.compose.model.Service;
import io.jcompose.core.Containers;
import io.jcompose.core.Events;
import io.jcompose.core.Images;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Networks;
import io.jcompose.core.Progress;
import io.jcompose.core.Volumes;
import io.jcompose.core.build.BuildSpec;
import io.jcompose.core.build.Builds;
import io.jcompose.core.build.Packing;
import io.jcompose.scheduler.command.BuildCommand;
import io.jcompose.scheduler.command.CommandRunner;
import io.jcompose.scheduler.command.CrashFollowers;
import io.jcompose.scheduler.command.DownCommand;
import io.jcompose.scheduler.command.DryRun;
import io.jcompose.scheduler.command.PullCommand;
import io.jcompose.scheduler.command.PushCommand;
import io.jcompose.scheduler.command.RunCommand;
import io.jcompose.scheduler.command.ServiceCommands;
import io.jcompose.scheduler.command.ServiceSelection;
import io.jcompose.scheduler.command.StopCommands;
import io.jcompose.scheduler.command.UpCommand;
import io.jcompose.scheduler.desired.Desired;
import io.jcompose.scheduler.desired.ServiceBuilds;
import io.jcompose.scheduler.desired.Translation;
import io.jcompose.scheduler.execute.CommandContext;
import io.jcompose.scheduler.execute.Conditions;
import io.jcompose.scheduler.execute.EnginePorts;
import io.jcompose.scheduler.queue.CommandQueue.Manner;
import io.jcompose.scheduler.resume.ResumeAttempts;
import io.jcompose.scheduler.resume.ResumeCommand;
import io.jcompose.scheduler.resume.Startup;
import io.jcompose.scheduler.store.ProjectStore;
import io.jcompose.scheduler.store.ProjectStore.Goal;
import io.jcompose.scheduler.watch.ProjectVerticles;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The projects of this engine: makes each as its file says, on command, and keeps it so. Every
 * method blocks its caller, a virtual thread, until the work is done, and reports on the way;
 * commands of one project run one after the other, of several at the same time; one that only waits
 * for a condition keeps no other from its turn. {@code down}, {@code stop} and {@code kill} end
 * those before them. The caller of a command may leave ({@link Progress#onGone}): what waits for
 * its turn, for an image or for a condition is given up then. One object an engine; thread-safe.
 */
public final class Projects implements AutoCloseable {
  private final EnginePorts ports;
  private final ProjectStore store;
  private final ResumeAttempts attempts;
  private final ProjectLists lists;
  private final ProjectVerticles verticles;
  private final CommandRunner runner;
  private final UpCommand up;
  private final DownCommand down;
  private final RunCommand run;
  private final ServiceCommands commands;
  private final CrashFollowers followers;
  private final Startup startup;
  private final ProjectActivity activity;

  /** Listens to the engine's events from now on; {@link #resume} is the second step. */
  public Projects(
      Vertx vertx,
      Path projectsDir,
      Containers containers,
      Networks networks,
      Volumes volumes,
      Images images,
      Builds builds,
      Events events) {
    this.ports = new EnginePorts(containers, networks, volumes, images, builds);
    this.store = new ProjectStore(projectsDir);
    this.attempts = new ResumeAttempts(projectsDir);
    this.lists = new ProjectLists(ports, store);
    Conditions conditions = new Conditions(containers);
    this.verticles =
        new ProjectVerticles(vertx, containers, conditions, store, events, this::follow);
    this.runner = new CommandRunner(verticles, ports, conditions);
    StopCommands stops = new StopCommands(ports, store);
    this.up = new UpCommand(ports, store);
    this.down = new DownCommand(ports, store, stops);
    this.run = new RunCommand(ports);
    this.commands = new ServiceCommands(ports, store, lists, stops);
    this.followers = new CrashFollowers(runner, store, commands);
    this.startup =
        new Startup(
            runner, store, attempts, new ResumeCommand(ports, store, attempts, up, down, stops));
    this.activity = new ProjectActivity(startup, verticles);
  }

  private void follow(String project, String service) {
    followers.startedAgain(project, service);
  }

  /**
   * Makes known what {@link #resume} will bring back, so that what is ended before it stays so.
   * Called before anybody can give a command.
   */
  public void expectResume() {
    startup.expect();
  }

  /**
   * Completes what a crash interrupted and starts what should run, in dependency order with its
   * conditions. Called once after the engine has adopted its containers; blocks until all projects
   * are back, which may take as long as their health checks. A project that fails is logged.
   */
  public void resume() {
    startup.run();
  }

  /** What a person should know of the projects, as sentences; mostly empty. */
  public List<String> warnings() {
    return startup.warnings();
  }

  /**
   * Makes the project as its file says. A project that is so already is left alone.
   *
   * @throws JcomposeException.NotSupported naming what is not carried out here
   * @throws JcomposeException.NotFound for an unknown service, or an image that cannot be pulled
   * @throws JcomposeException.Conflict when a dependency fails
   * @throws JcomposeException.Cancelled when another command took over
   */
  public void up(Project project, UpOptions options, Progress progress) {
    Translation translation = Translation.of(project, ports.containers()::completed);
    up(translation, options, progress);
  }

  /** As {@link #up}, but starts nothing. */
  public void create(Project project, UpOptions options, Progress progress) {
    up(project, options.withNoStart(), progress);
  }

  void up(Translation translation, UpOptions options, Progress progress) {
    Set<String> selected = ServiceSelection.ofUp(translation, options, progress);
    given(
        translation.desired().project(),
        "up",
        Manner.PATIENT,
        progress,
        context -> {
          up.carryOut(translation, selected, options, context);
          return null;
        });
  }

  /** What {@link #up} would do now, a sentence a step; nothing is changed, and nothing pulled. */
  public List<String> dryUp(Project project, UpOptions options, Progress progress) {
    Translation translation = Translation.of(project, ports.containers()::completed);
    Set<String> selected = ServiceSelection.ofUp(translation, options, progress);
    return new DryRun(ports).up(translation, selected, options, progress);
  }

  /** Stops and removes the project's containers and networks, and what the options say. */
  public void down(String project, DownOptions options, Progress progress) {
    startup.ended(project, options);
    inTurn(
        project,
        "down",
        Manner.OVERTAKING,
        progress,
        context -> down.carryOut(project, options, context));
  }

  /** Starts the services' containers. */
  public void start(Target target, Progress progress) {
    start(target, false, null, progress);
  }

  /**
   * As {@link #start(Target, Progress)}.
   *
   * @param await return when they run and are healthy
   * @param limit of that; null waits as long as it takes
   */
  public void start(Target target, boolean await, @Nullable Duration limit, Progress progress) {
    inTurn(
        target.project(),
        "start",
        Manner.PATIENT,
        progress,
        context -> commands.start(target, await, context.until(limit)));
  }

  /** Stops the services' containers, dependents first. */
  public void stop(Target target, @Nullable Duration timeout, Progress progress) {
    DownOptions options = DownOptions.of(target, false, timeout);
    startup.ended(target.project(), options);
    inTurn(
        target.project(),
        "stop",
        Manner.OVERTAKING,
        progress,
        context -> commands.end(target.project(), Goal.STOP, options, context));
  }

  /** Stops the services and those that follow their restart, and starts them in order. */
  public void restart(
      Target target, @Nullable Duration timeout, boolean noDeps, Progress progress) {
    inTurn(
        target.project(),
        "restart",
        Manner.STEADY,
        progress,
        context -> commands.restart(target, timeout, noDeps, context));
  }

  /**
   * Sends a signal to the running containers of the services. Of signals that end them for sure a
   * crash leaves the rest to the next start; another one might reach a process twice by that.
   */
  public void kill(Target target, String signal, Progress progress) {
    String project = target.project();
    DownOptions options = DownOptions.of(target, false, null);
    boolean ends = Set.of("KILL", "SIGKILL", "9").contains(signal);
    if (ends) {
      startup.ended(project, options);
      inTurn(
          project,
          "kill",
          Manner.KILL,
          progress,
          context -> commands.end(project, Goal.KILL, options, context));
    } else {
      commands.signal(target, signal, runner.free(project, progress));
    }
  }

  public void pause(Target target, Progress progress) {
    inTurn(
        target.project(),
        "pause",
        Manner.STEADY,
        progress,
        context -> commands.pause(target, context));
  }

  public void unpause(Target target, Progress progress) {
    inTurn(
        target.project(),
        "unpause",
        Manner.STEADY,
        progress,
        context -> commands.unpause(target, context));
  }

  /**
   * Removes the stopped containers of the services.
   *
   * @param stop stop the running ones first
   * @param volumes remove anonymous volumes too
   */
  public void remove(Target target, boolean stop, boolean volumes, Progress progress) {
    Goal goal = stop ? Goal.STOP_AND_REMOVE : Goal.REMOVE;
    DownOptions options = DownOptions.of(target, volumes, null);
    Manner manner = stop ? Manner.OVERTAKING : Manner.STEADY;
    if (stop) {
      startup.ended(target.project(), options);
    }
    inTurn(
        target.project(),
        "rm",
        manner,
        progress,
        context -> commands.end(target.project(), goal, options, context));
  }

  /** Pulls the services' images. */
  public void pull(Project project, PullOptions options, Progress progress) {
    Translation translation = Translation.of(project, ports.containers()::completed);
    Desired desired = translation.desired();
    Set<String> selected = desired.selected(options.services(), !options.includeDependencies());
    new PullCommand(ports.images())
        .services(desired.services(selected), translation.builds(), options, progress);
  }

  /**
   * Builds the services' images.
   *
   * @return the image ids by the names that they got; empty when no service is built
   * @throws JcomposeException.NotFound for an unknown service
   * @throws JcomposeException.InvalidArgument for what cannot be built as the file says
   * @throws JcomposeException.Conflict when a step fails
   */
  public Map<String, String> build(Project project, BuildOptions options, Progress progress) {
    List<BuildSpec> specs = builds(project, options);
    if (specs.isEmpty()) {
      progress.report(Progress.Step.of("Build", "Warning", "No services to build"));
      return Map.of();
    }
    List<String> warnings = ServiceBuilds.of(project).warnings(selected(project, options));
    return new BuildCommand(ports.builds()).carryOut(specs, warnings, progress);
  }

  /**
   * Builds one image, of no project.
   *
   * @return its id
   */
  public String build(BuildSpec spec, Progress progress) {
    return new BuildCommand(ports.builds())
        .carryOut(List.of(spec), List.of(), progress)
        .values()
        .iterator()
        .next();
  }

  /** What {@link #build} would build: what several services have in common once. */
  public List<BuildSpec> builds(Project project, BuildOptions options) {
    return ServiceBuilds.of(project).specs(selected(project, options), options);
  }

  private Set<String> selected(Project project, BuildOptions options) {
    Desired desired = Translation.of(project, ports.containers()::completed).desired();
    return desired.selected(options.services(), !options.withDependencies());
  }

  /**
   * Pulls one image, of no project.
   *
   * @param platform empty for the host's
   */
  public void pull(String reference, String platform, Progress progress) {
    new PullCommand(ports.images()).image(reference, platform, progress);
  }

  /**
   * Pushes the images of the services that are built; the others are reported to be skipped.
   *
   * @param services empty is every active service
   */
  public void push(
      Project project,
      List<String> services,
      boolean includeDependencies,
      boolean ignoreFailures,
      Progress progress) {
    List<String> references = new ArrayList<>();
    for (Service service : pushed(project, services, includeDependencies)) {
      List<String> names = pushedNames(service);
      if (names.isEmpty()) {
        progress.report(Progress.Step.of(service.name(), "Skipped"));
      }
      references.addAll(names);
    }
    new PushCommand(ports.images())
        .push(references.stream().distinct().toList(), ignoreFailures, progress);
  }

  /** The names of the images that {@link #push} would push. */
  public List<String> pushNeeds(
      Project project, List<String> services, boolean includeDependencies) {
    return pushed(project, services, includeDependencies).stream()
        .flatMap(service -> pushedNames(service).stream())
        .distinct()
        .toList();
  }

  private List<Service> pushed(
      Project project, List<String> services, boolean includeDependencies) {
    Desired desired = Translation.of(project, ports.containers()::completed).desired();
    Set<String> selected = desired.selected(services, !includeDependencies);
    return project.services().values().stream()
        .filter(service -> selected.contains(service.name()))
        .toList();
  }

  /** As Docker Compose: what has a name of its own, and a section {@code build}. */
  private static List<String> pushedNames(Service service) {
    Build build = service.source().build();
    return build == null || service.source().image().isEmpty()
        ? List.of()
        : Stream.concat(Stream.of(service.source().image()), build.tags().stream()).toList();
  }

  /**
   * Pushes images by their names, of no project.
   *
   * @return what was pushed, in the names' order
   */
  public List<Images.Pushed> push(List<String> references, Progress progress) {
    return push(references, Packing.DEFAULT, progress);
  }

  /** The same, with layers packed in a way of their own. */
  public List<Images.Pushed> push(List<String> references, Packing packing, Progress progress) {
    return new PushCommand(ports.images()).push(references, false, packing, progress);
  }

  /**
   * Makes a one-off container of a service, after its dependencies are up.
   *
   * @return its id; it is not started, so that one can attach first
   */
  public String run(Project project, RunOptions options, Progress progress) {
    return run(Translation.of(project, ports.containers()::completed), options, progress);
  }

  String run(Translation translation, RunOptions options, Progress progress) {
    Set<String> selected =
        ServiceSelection.of(
            translation, List.of(options.service()), options.noDeps(), options.pull(), progress);
    return given(
        translation.desired().project(),
        "run",
        Manner.ONE_OFF,
        progress,
        context -> run.carryOut(translation, selected, options, context));
  }

  /** What is under way in the projects. */
  public ProjectActivity activity() {
    return activity;
  }

  /** What there is of the projects. */
  public ProjectLists lists() {
    return lists;
  }

  /** Ends listening and restarting; containers run on. */
  @Override
  public void close() {
    store.close();
    startup.close();
    verticles.close();
  }

  private void inTurn(
      String project,
      String what,
      Manner manner,
      Progress progress,
      Consumer<CommandContext> body) {
    attempts.clear(project);
    runner.inTurn(project, what, manner, progress, body);
  }

  /** A command that a person gave, who thereby sees to a project that had been set aside. */
  private <T extends @Nullable Object> T given(
      String project,
      String what,
      Manner manner,
      Progress progress,
      Function<CommandContext, T> body) {
    attempts.clear(project);
    return runner.of(project, what, manner, progress, body);
  }
}
