package io.jcompose.scheduler;

import io.jcompose.compose.Project;
import io.jcompose.core.ContainerView;
import io.jcompose.core.Containers;
import io.jcompose.core.Events;
import io.jcompose.core.Images;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Networks;
import io.jcompose.core.Progress;
import io.jcompose.core.Volumes;
import io.jcompose.scheduler.ProjectStore.Goal;
import io.jcompose.scheduler.ProjectStore.Stored;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The projects of this engine: makes each as its file says, on command, and keeps it so. Every
 * method blocks its caller, a virtual thread, until the work is done, and reports on the way;
 * commands of one project run one after the other, of several at the same time. {@code down},
 * {@code stop} and {@code kill} end the waits of a command before them. One object an engine;
 * thread-safe.
 */
public final class Projects implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Projects.class);

  private final Ports ports;
  private final ProjectStore store;
  private final Conditions conditions;
  private final ProjectLists lists;
  private final ProjectVerticles verticles;
  private final Bringing bringing;
  private final Resuming resuming;
  private final ServiceCommands commands;

  /** Listens to the engine's events from now on; {@link #resume} is the second step. */
  public Projects(
      Vertx vertx,
      Path projectsDir,
      Containers containers,
      Networks networks,
      Volumes volumes,
      Images images,
      Events events) {
    this.ports = new Ports(containers, networks, volumes, images);
    this.store = new ProjectStore(projectsDir);
    this.lists = new ProjectLists(ports, store);
    this.conditions = new Conditions(containers);
    this.verticles =
        new ProjectVerticles(vertx, containers, conditions, store, events, this::follow);
    Ending ending = new Ending(ports, store);
    this.bringing = new Bringing(ports, store, ending);
    this.resuming = new Resuming(ports, store, bringing, ending);
    this.commands = new ServiceCommands(ports, store, lists, bringing, ending);
  }

  /**
   * Completes what a crash interrupted and starts what should run, in dependency order with its
   * conditions. Called once after the engine has adopted its containers; blocks until all projects
   * are back, which may take as long as their health checks. A project that fails is logged.
   */
  public void resume() {
    Set<String> names = new TreeSet<>(store.names());
    for (ContainerView container : ports.containers().list(Map.of())) {
      names.add(container.labels().getOrDefault(Labels.PROJECT, ""));
    }
    Plan.Builder all = new Plan.Builder();
    names.forEach(
        name -> all.add(new Operation.ResumeProject(name), List.of(), "the engine started"));
    Executor.run(
        all.build(),
        operation -> {
          if (operation instanceof Operation.ResumeProject project) {
            resume(project.name());
          }
        });
  }

  private void resume(String project) {
    try {
      inTurn(
          project,
          "resume",
          false,
          Progress.NONE,
          work ->
              resuming.back(
                  project, work, (id, left) -> verticles.of(project).restartLater(id, left)));
    } catch (JcomposeException.Cancelled e) {
      LOG.info("project {} is not brought back: {}", project, e.getMessage());
    } catch (RuntimeException e) {
      LOG.error("failed to bring project {} back", project, e);
    }
  }

  /** Restarts those services that want to follow the crash of one that they depend on. */
  private void follow(String project, String crashed) {
    Desired desired =
        project.isEmpty() ? null : store.load(project).map(Stored::desired).orElse(null);
    if (desired == null) {
      return;
    }
    List<String> followers =
        desired.graph().withFollowers(List.of(crashed)).stream()
            .filter(name -> !name.equals(crashed))
            .filter(name -> desired.services(List.of(name)).getFirst().followsCrashes())
            .toList();
    if (followers.isEmpty()) {
      return;
    }
    LOG.info("{} of project {} was started again; {} follow", crashed, project, followers);
    try {
      restart(Target.of(project, followers), null, true, Progress.NONE);
    } catch (JcomposeException.Cancelled e) {
      LOG.info("project {} does not follow: {}", project, e.getMessage());
    } catch (RuntimeException e) {
      LOG.error("failed to restart {} of project {}", followers, project, e);
    }
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
    if (options.build()) {
      throw new JcomposeException.NotSupported(
          "--build is not supported yet: name images that exist, or build them elsewhere");
    }
    Translation translation = Translation.of(project);
    up(translation, options, progress);
  }

  /** As {@link #up}, but starts nothing. */
  public void create(Project project, UpOptions options, Progress progress) {
    up(project, options.withNoStart(), progress);
  }

  void up(Translation translation, UpOptions options, Progress progress) {
    Desired desired = translation.desired();
    Set<String> selected = desired.selected(options.services(), options.noDeps());
    if (selected.isEmpty()) {
      throw new JcomposeException.InvalidArgument("no service selected");
    }
    desired.requireServices(options.scale().keySet());
    requirePullPolicy(options.pull());
    translation.requireSupported(selected);
    warn(desired.project(), translation.warningsOf(selected), progress);
    inTurn(
        desired.project(),
        "up",
        false,
        progress,
        work -> {
          Map<String, String> ids =
              new ImagePulls(ports.images(), progress)
                  .resolve(desired.services(selected), options.pull(), false);
          bringing.up(desired, options, ids, work.until(options.waitTimeout()));
        });
  }

  /** Stops and removes the project's containers and networks, and what the options say. */
  public void down(String project, DownOptions options, Progress progress) {
    inTurn(project, "down", true, progress, work -> bringing.down(project, options, work));
  }

  /** Starts the services' containers. */
  public void start(Target target, Progress progress) {
    inTurn(target.project(), "start", false, progress, work -> commands.start(target, work));
  }

  /** Stops the services' containers, dependents first. */
  public void stop(Target target, @Nullable Duration timeout, Progress progress) {
    DownOptions options = DownOptions.of(target, false, timeout);
    inTurn(
        target.project(),
        "stop",
        true,
        progress,
        work -> commands.end(target.project(), Goal.STOP, options, work));
  }

  /** Stops the services and those that follow their restart, and starts them in order. */
  public void restart(
      Target target, @Nullable Duration timeout, boolean noDeps, Progress progress) {
    inTurn(
        target.project(),
        "restart",
        false,
        progress,
        work -> commands.restart(target, timeout, noDeps, work));
  }

  /**
   * Sends a signal to the running containers of the services. Of signals that end them for sure a
   * crash leaves the rest to the next start; another one might reach a process twice by that.
   */
  public void kill(Target target, String signal, Progress progress) {
    String project = target.project();
    DownOptions options = DownOptions.of(target, false, null);
    boolean ends = Set.of("KILL", "SIGKILL", "9").contains(signal);
    // Who is impatient with a stop may kill meanwhile.
    verticles
        .of(project)
        .beside(
            Set.of("stop", "down", "rm", "restart"),
            "kill",
            cancellation -> {
              Work work = Work.of(project, ports, conditions, progress, cancellation);
              if (ends) {
                commands.end(project, Goal.KILL, options, work);
              } else {
                commands.signal(target, signal, work);
              }
              return null;
            });
  }

  public void pause(Target target, Progress progress) {
    inTurn(target.project(), "pause", false, progress, work -> commands.pause(target, work));
  }

  public void unpause(Target target, Progress progress) {
    inTurn(target.project(), "unpause", false, progress, work -> commands.unpause(target, work));
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
    inTurn(
        target.project(),
        "rm",
        stop,
        progress,
        work -> commands.end(target.project(), goal, options, work));
  }

  /**
   * Pulls the services' images.
   *
   * @param policy missing, always, or empty for always
   */
  public void pull(
      Project project,
      List<String> services,
      String policy,
      boolean includeDependencies,
      boolean ignoreFailures,
      Progress progress) {
    Desired desired = Translation.of(project).desired();
    Set<String> selected = desired.selected(services, !includeDependencies);
    List<Desired.Service> chosen =
        desired.services(selected).stream()
            .filter(service -> !service.template().image().isEmpty())
            .toList();
    new ImagePulls(ports.images(), progress)
        .resolve(chosen, policy.isEmpty() ? "always" : policy, ignoreFailures);
  }

  /**
   * Makes a one-off container of a service, after its dependencies are up.
   *
   * @return its id; it is not started, so that one can attach first
   */
  public String run(Project project, RunOptions options, Progress progress) {
    return run(Translation.of(project), options, progress);
  }

  String run(Translation translation, RunOptions options, Progress progress) {
    Desired desired = translation.desired();
    Set<String> selected = desired.selected(List.of(options.service()), options.noDeps());
    requirePullPolicy(options.pull());
    translation.requireSupported(selected);
    warn(desired.project(), translation.warningsOf(selected), progress);
    return command(
        desired.project(),
        "run",
        false,
        progress,
        work -> bringing.run(desired, selected, options, work));
  }

  /** What there is of the projects. */
  public ProjectLists lists() {
    return lists;
  }

  /** Ends listening and restarting; containers run on. */
  @Override
  public void close() {
    verticles.close();
  }

  private void inTurn(
      String project, String what, boolean overtakes, Progress progress, Consumer<Work> body) {
    command(
        project,
        what,
        overtakes,
        progress,
        work -> {
          body.accept(work);
          return null;
        });
  }

  private <T extends @Nullable Object> T command(
      String project, String what, boolean overtakes, Progress progress, Function<Work, T> body) {
    return verticles
        .of(project)
        .command(
            what,
            overtakes,
            cancellation ->
                body.apply(Work.of(project, ports, conditions, progress, cancellation)));
  }

  private static void requirePullPolicy(String policy) {
    if (!Set.of("", "policy", "always", "missing", "never", "build").contains(policy)) {
      throw new JcomposeException.InvalidArgument(
          "invalid --pull option \"" + policy + "\": write always, missing or never");
    }
  }

  private static void warn(String project, List<String> warnings, Progress progress) {
    warnings.forEach(
        text ->
            progress.report(
                Progress.Step.of("Project " + project, "Warning", "not carried out: " + text)));
  }
}
