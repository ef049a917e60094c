package io.jcompose.api.project;

import io.jcompose.api.answer.ApiError;
import io.jcompose.api.answer.FailureReport;
import io.jcompose.api.answer.FrameOutput;
import io.jcompose.api.answer.ProgressLines;
import io.jcompose.api.http.Exchange;
import io.jcompose.api.request.CommandRequest;
import io.jcompose.api.request.ProjectSource;
import io.jcompose.compose.model.Project;
import io.jcompose.core.ImageReference;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Progress;
import io.jcompose.scheduler.DownOptions;
import io.jcompose.scheduler.FileScope;
import io.jcompose.scheduler.Labels;
import io.jcompose.scheduler.Projects;
import io.jcompose.scheduler.PullOptions;
import io.jcompose.scheduler.Target;
import io.jcompose.scheduler.UpOptions;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/** Commands that change a project; their answers are frames of progress and a result. */
public final class ProjectCommands {
  private static final String IGNORE_ORPHANS = "COMPOSE_IGNORE_ORPHANS";

  private final Projects projects;
  private final ProjectSource source;
  private final FailureReport failures;

  public ProjectCommands(Projects projects, ProjectSource source, FailureReport failures) {
    this.projects = projects;
    this.failures = failures;
    this.source = source;
  }

  /** Work that reports progress. */
  public interface Work {
    void run(CommandRequest request, ProgressLines progress);
  }

  /** Answers with the work's progress; what the work does without its client is its own matter. */
  public void answer(Exchange exchange, CommandRequest request, Work work) throws IOException {
    CompletableFuture<FrameOutput> output = new CompletableFuture<>();
    ProgressLines progress =
        new ProgressLines(members -> output.join().control(members), request.logins());
    output.complete(new FrameOutput(exchange.stream(200, FrameOutput.TYPE, progress::gone)));
    try {
      work.run(request.warning(progress::warn), progress);
      progress.send(Map.of("exitCode", 0));
    } catch (RuntimeException e) {
      ApiError.log(e);
      if (!(e instanceof JcomposeException.InvalidArgument)) { // no log tells why words are wrong
        failures.of(progress.failed(), true).forEach(text -> progress.send(Map.of("report", text)));
      }
      progress.send(progress.naming(ApiError.projectMembers(e)));
    }
  }

  public void up(CommandRequest request, ProgressLines progress) {
    Project project = source.load(request, request.arguments());
    source.cautions(request, project).forEach(progress::warn);
    if (request.is("dryRun")) {
      dry(project, upOptions(request, project), progress);
      return;
    }
    projects.up(project, upOptions(request, project), progress.of(request));
  }

  public void create(CommandRequest request, ProgressLines progress) {
    Project project = ofServices(request, ProjectSource.WRITE_SERVICE);
    source.cautions(request, project).forEach(progress::warn);
    if (request.is("dryRun")) {
      dry(project, createOptions(request, project).withNoStart(), progress);
      return;
    }
    projects.create(project, createOptions(request, project), progress.of(request));
  }

  /** Whoever names an image, as docker's command of that name takes, reads what to write here. */
  private Project ofServices(CommandRequest request, String advice) {
    try {
      Project project = source.load(request, request.arguments());
      source.requireServices(project, request.arguments());
      return project;
    } catch (JcomposeException.NotFound e) {
      throw ProjectSource.advising(e, request.arguments(), advice);
    }
  }

  private void dry(Project project, UpOptions options, ProgressLines progress) {
    List<String> lines = projects.dryUp(project, options, progress);
    for (String line : lines.isEmpty() ? List.of("nothing") : lines) {
      progress.send(Map.of("stdout", "DRY-RUN MODE - would do: " + line));
    }
  }

  public void scale(CommandRequest request, ProgressLines progress) {
    Map<String, Integer> scale = scale(request.arguments());
    List<String> services = List.copyOf(scale.keySet());
    Project project = source.load(request, services);
    projects.up(
        project,
        UpOptions.DEFAULT
            .with()
            .services(services)
            .scale(scale)
            .noDeps(request.has("no-deps"))
            .noRecreate(true)
            .build(),
        progress);
  }

  public void pause(CommandRequest request, ProgressLines progress) {
    each(request, progress, target -> projects.pause(target, progress));
  }

  public void unpause(CommandRequest request, ProgressLines progress) {
    each(request, progress, target -> projects.unpause(target, progress));
  }

  /** Containers that were named themselves are killed with {@code -f}, as by {@code docker rm}. */
  public void remove(CommandRequest request, ProgressLines progress) {
    boolean stops = request.has("stop");
    boolean volumes = request.has("volumes");
    each(
        request,
        progress,
        target -> {
          boolean kills = request.has("force") && !target.containers().isEmpty();
          if (kills && !stops) {
            projects.kill(target, "SIGKILL", Progress.NONE);
          }
          projects.remove(target, kills || stops, volumes, progress);
        });
  }

  /** Tells the words that name containers themselves when that is done, as docker does. */
  private void each(CommandRequest request, ProgressLines progress, Consumer<Target> work) {
    List<String> done = new ArrayList<>();
    try {
      for (Target target : source.targets(request)) {
        List<String> named = source.named(request, target);
        work.accept(target);
        done.addAll(named);
      }
    } finally {
      done.forEach(word -> progress.send(Map.of("stdout", word)));
    }
  }

  public void down(CommandRequest request, ProgressLines progress) {
    Optional<Project> project = source.find(request, request.arguments());
    String name = project.map(Project::name).orElseGet(request::projectName);
    requireServices(project, name, request.arguments());
    project.flatMap(source::takenOver).ifPresent(progress::warn);
    Map<String, String> environment = project.map(Project::environment).orElseGet(request::env);
    DownOptions options =
        new DownOptions(
            request.arguments(),
            request.has("volumes"),
            removedImages(request, project, name),
            request.has("remove-orphans", "COMPOSE_REMOVE_ORPHANS", environment),
            request.seconds("timeout"),
            project.map(FileScope::of).orElse(null));
    projects.down(name, options, progress);
  }

  /** What the file does not have must have been there at the last {@code up}. */
  private void requireServices(Optional<Project> file, String project, List<String> services) {
    List<String> others =
        services.stream()
            .filter(service -> file.isEmpty() || !file.get().services().containsKey(service))
            .toList();
    if (!others.isEmpty()) {
      projects.lists().requireKnown(project, others);
    }
  }

  /** {@code local} is only what was built here. */
  private List<String> removedImages(
      CommandRequest request, Optional<Project> project, String name) {
    List<String> services = request.arguments();
    return switch (request.text("rmi")) {
      case "" -> List.of();
      case "local" ->
          project
              .map(
                  file ->
                      DownOptions.builtImagesOf(
                          file, services, image -> projects.lists().isBuiltBy(name, image)))
              .orElseGet(() -> builtImages(name, services));
      case "all" ->
          project
              .map(file -> DownOptions.imagesOf(file, services))
              .orElseGet(
                  () ->
                      projects.lists().containers(name, services, true).stream()
                          .map(view -> view.spec().image())
                          .distinct()
                          .toList());
      default ->
          throw new JcomposeException.InvalidArgument(
              "invalid value for --rmi: " + request.text("rmi"));
    };
  }

  /** Without a file their labels tell it, or names that are the project's and the service's. */
  private List<String> builtImages(String project, List<String> services) {
    return projects.lists().containers(project, services, true).stream()
        .filter(
            view ->
                view.spec().image().equals(project + "-" + Labels.service(view))
                    || view.spec().image().equals(project + "_" + Labels.service(view))
                    || projects.lists().isBuiltBy(project, view.spec().image()))
        .map(view -> view.spec().image())
        .distinct()
        .toList();
  }

  public void start(CommandRequest request, ProgressLines progress) {
    boolean await = request.has("wait");
    Duration limit = request.seconds("wait-timeout");
    each(request, progress, target -> projects.start(target, await, limit, progress));
  }

  public void stop(CommandRequest request, ProgressLines progress) {
    Duration timeout = request.seconds("timeout");
    each(request, progress, target -> projects.stop(target, timeout, progress));
  }

  public void restart(CommandRequest request, ProgressLines progress) {
    Duration timeout = request.seconds("timeout");
    boolean noDeps = request.has("no-deps");
    each(request, progress, target -> projects.restart(target, timeout, noDeps, progress));
  }

  public void kill(CommandRequest request, ProgressLines progress) {
    String signal = request.text("signal").isEmpty() ? "SIGKILL" : request.text("signal");
    AtomicBoolean silent = new AtomicBoolean();
    each(
        request,
        progress,
        target -> {
          AtomicBoolean any = new AtomicBoolean();
          projects.kill(
              killed(request, target),
              signal,
              progress.only(
                  step -> {
                    any.set(true);
                    return true;
                  }));
          silent.compareAndSet(false, target.containers().isEmpty() && !any.get());
        });
    if (silent.get()) {
      progress.send(Map.of("report", "no container to kill"));
    }
  }

  /** With orphans, whatever the project has. */
  private Target killed(CommandRequest request, Target target) {
    return target.containers().isEmpty()
            && request.has("remove-orphans", "COMPOSE_REMOVE_ORPHANS", environment(request))
        ? Target.of(target.project(), target.services())
        : target;
  }

  /** The project's, for {@code .env} counts; read again without telling its warnings again. */
  private Map<String, String> environment(CommandRequest request) {
    return source
        .find(request.warning(text -> {}), request.arguments())
        .map(Project::environment)
        .orElseGet(request::env);
  }

  public void pull(CommandRequest request, ProgressLines progress) {
    String words = String.join(" ", request.arguments());
    Project project =
        ofServices(request, "an image by itself is pulled by `jcompose image pull " + words + "`");
    projects.pull(
        project,
        new PullOptions(
            request.arguments(),
            request.text("policy"),
            request.has("include-deps"),
            request.has("ignore-pull-failures"),
            request.has("ignore-buildable")),
        progress);
  }

  /** {@code image pull}: one image, of no project. */
  public void pullImage(CommandRequest request, ProgressLines progress) {
    if (request.arguments().size() != 1) {
      throw new JcomposeException.InvalidArgument("image pull needs the name of one image");
    }
    String reference = request.arguments().getFirst();
    String name = ImageReference.parse(reference).toString();
    String platform = request.text("platform");
    projects.pull(
        reference,
        platform.isEmpty() ? request.env().getOrDefault("DOCKER_DEFAULT_PLATFORM", "") : platform,
        progress);
    progress.send(Map.of("stdout", name));
  }

  /** The options of {@code up}, checked. */
  static UpOptions upOptions(CommandRequest request, Project project) {
    boolean removes =
        request.has("remove-orphans", "COMPOSE_REMOVE_ORPHANS", project.environment());
    return options(request, project, removes);
  }

  /** As with Docker Compose, the variable removes nothing here. */
  static UpOptions createOptions(CommandRequest request, Project project) {
    return options(request, project, request.has("remove-orphans"));
  }

  private static UpOptions options(CommandRequest request, Project project, boolean removeOrphans) {
    boolean ignores = request.has("", IGNORE_ORPHANS, project.environment());
    if (removeOrphans && ignores) {
      throw new JcomposeException.InvalidArgument(
          "cannot combine " + IGNORE_ORPHANS + " and --remove-orphans");
    }
    return UpOptions.DEFAULT
        .with()
        .services(request.arguments())
        .noDeps(request.has("no-deps"))
        .scale(scale(request.list("scale")))
        .forceRecreate(request.has("force-recreate"))
        .noRecreate(request.has("no-recreate"))
        .alwaysRecreateDeps(request.has("always-recreate-deps"))
        .removeOrphans(removeOrphans)
        .ignoreOrphans(ignores)
        .renewAnonVolumes(request.has("renew-anon-volumes"))
        .awaitRunning(request.has("wait"))
        .waitTimeout(request.seconds("wait-timeout"))
        .timeout(request.seconds("timeout"))
        .noStart(request.has("no-start"))
        .allResources(request.is("allResources"))
        .pull(request.text("pull"))
        .building(request.buildMode())
        .why(request.has("why"))
        .build();
  }

  private static Map<String, Integer> scale(List<String> settings) {
    Map<String, Integer> scale = new LinkedHashMap<>();
    for (String setting : settings) {
      int equals = setting.indexOf('=');
      try {
        int count = Integer.parseInt(setting.substring(equals + 1));
        if (count > Project.MOST_CONTAINERS) {
          throw new JcomposeException.InvalidArgument(
              "invalid scale \"" + setting + "\": " + Project.tooManyContainers(count));
        }
        if (equals > 0 && count >= 0) {
          scale.put(setting.substring(0, equals), count);
          continue;
        }
      } catch (NumberFormatException e) {
        // told below
      }
      throw new JcomposeException.InvalidArgument(
          "invalid scale \"" + setting + "\"; should be SERVICE=NUM");
    }
    return scale;
  }
}
