package io.jcompose.api.project;

import io.jcompose.api.answer.ApiError;
import io.jcompose.api.answer.FailureReport;
import io.jcompose.api.answer.FrameOutput;
import io.jcompose.api.answer.ProgressLines;
import io.jcompose.api.http.Exchange;
import io.jcompose.api.log.LogFact;
import io.jcompose.api.log.LogFeeds;
import io.jcompose.api.log.LogLines;
import io.jcompose.api.log.LogNames;
import io.jcompose.api.log.RunEnds;
import io.jcompose.api.log.RunEvents;
import io.jcompose.api.request.CommandRequest;
import io.jcompose.api.request.Selection;
import io.jcompose.api.text.HumanText;
import io.jcompose.compose.model.Project;
import io.jcompose.compose.model.Service;
import io.jcompose.core.ContainerView;
import io.jcompose.core.Containers;
import io.jcompose.core.Events;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Progress;
import io.jcompose.scheduler.Labels;
import io.jcompose.scheduler.Projects;
import io.jcompose.scheduler.ServiceNames;
import io.jcompose.scheduler.Target;
import io.jcompose.scheduler.UpOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One attached {@code up}: progress, then the logs of what it started, until every container has
 * ended. All state is owned by the request's thread, which takes facts from one queue; the work
 * itself runs on a thread of its own, which hears when the client leaves.
 */
public final class AttachedUp {
  private final Projects projects;
  private final Containers containers;
  private final Events events;
  private final Project project;
  private final CommandRequest request;
  private final UpOptions options;
  private final LogLines lines;
  private final Containers.LogQuery first;
  private final LogFeeds feeds;
  private final RunEnds ends;
  private final Set<String> attached;
  private boolean settling;
  private boolean settled;
  private boolean announced;
  private boolean workEnded;
  private boolean stopping;
  private int exitCode;
  private boolean decided;

  public AttachedUp(
      Projects projects,
      Containers containers,
      Events events,
      Project project,
      CommandRequest request,
      Instant began) {
    this.projects = projects;
    this.containers = containers;
    this.events = events;
    this.project = project;
    this.request = request;
    this.first = new Containers.LogQuery(-1, began, null, true);
    this.feeds = new LogFeeds(containers, project.name());
    this.ends = new RunEnds(began);
    this.options = ProjectCommands.upOptions(request, project);
    this.lines =
        new LogLines(
            request.is("colour"), !request.has("no-log-prefix"), request.has("timestamps"));
    this.attached = attachedServices();
    for (String service : attached) {
      int asked = options.scale().getOrDefault(service, scale(service));
      int replicas = Math.min(asked, Project.MOST_CONTAINERS); // more are refused
      for (int number = 1; number <= replicas; number++) {
        lines.register(service + "-" + number);
      }
    }
  }

  /**
   * Refuses options about services that there are not.
   *
   * @throws JcomposeException.NotFound {@code no such service: x}
   */
  public static void requireServices(Project project, CommandRequest request) {
    List<String> named = new ArrayList<>(request.list("attach"));
    if (!request.text("exit-code-from").isEmpty()) {
      named.add(request.text("exit-code-from"));
    }
    for (String name : named) {
      if (!project.services().containsKey(name)) {
        throw ServiceNames.noSuchService(name, project.services().keySet());
      }
    }
  }

  /**
   * Runs to the end; the answer is frames.
   *
   * @param cautions what to say before anything
   */
  public void answer(Exchange exchange, FailureReport failures, List<String> cautions)
      throws IOException {
    FrameOutput output =
        new FrameOutput(
            exchange.stream(200, FrameOutput.TYPE, () -> feeds.tell(new LogFact.ClientLeft())));
    ProgressLines progress = new ProgressLines(output::control, request.logins());
    cautions.forEach(progress::warn);
    try (RunEvents runs = new RunEvents(projects, containers, events, feeds, this::isOurs)) {
      Thread.ofVirtual().name("up").start(() -> work(untilCreated(progress.of(request))));
      boolean more = true;
      while (more) {
        LogFact fact = feeds.take();
        boolean begins = fact instanceof LogFact.Started && !announced;
        if (begins || fact instanceof LogFact.WorkEnded) {
          progress.flush(); // what comes now is told after all that was
        }
        if (fact instanceof LogFact.WorkEnded ended && ended.error() != null && !stopping) {
          for (String text : failures.of(progress.failed(), !announced)) {
            output.control(Map.of("report", text));
          }
        }
        more = react(fact, output, progress) && goesOn(runs, output);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      progress.gone();
      feeds.close();
    }
  }

  /** As Docker Compose shows it: that a container starts is seen by its log. */
  private static Progress untilCreated(Progress progress) {
    return progress.only(
        step -> {
          boolean starts = step.status().equals("Starting") || step.status().equals("Started");
          return !starts || !step.id().startsWith("Container ");
        });
  }

  private void work(Progress progress) {
    try {
      projects.up(project, options, progress);
      feeds.tell(new LogFact.WorkEnded(null));
    } catch (RuntimeException e) {
      feeds.tell(new LogFact.WorkEnded(e));
    }
  }

  private boolean isOurs(String name, Map<String, String> labels) {
    return project.name().equals(labels.get(Labels.PROJECT))
        && attached.contains(labels.getOrDefault(Labels.SERVICE, ""))
        && !"True".equals(labels.get(Labels.ONEOFF));
  }

  /** Returns false at the end. */
  private boolean react(LogFact fact, FrameOutput output, ProgressLines progress)
      throws IOException {
    switch (fact) {
      case LogFact.Started started -> {
        announce(output);
        tell(ends.started(started.id()), output);
        feeds.follow(started.id(), first);
      }
      case LogFact.Line line -> {
        int stream =
            line.line().stream().equals("stderr") ? FrameOutput.STDERR : FrameOutput.STDOUT;
        output.write(stream, lines.render(line.name(), line.line()));
      }
      case LogFact.LogEnded ended -> {
        tell(ends.logEnded(ended.id()), output);
        if (containers.find(ended.id()).filter(ContainerView::isRunning).isPresent()) {
          feeds.follow(ended.id(), first); // it was started again before its log's end was read
        }
      }
      case LogFact.Exited exited -> {
        tell(ends.exited(exited, feeds.isFollowing(exited.id())), output);
      }
      case LogFact.Replaced replaced -> {
        if (workEnded) {
          String name = LogNames.replacedName(project.name(), replaced.labels());
          output.write(FrameOutput.STDOUT, lines.remark(name, name + " has been recreated"));
        }
      }
      case LogFact.Changed changed -> {}
      case LogFact.Settled ignored -> {
        settled = true;
      }
      case LogFact.WorkEnded ended -> {
        workEnded = true;
        return goesOnAfter(ended.error(), output, progress);
      }
      case LogFact.ClientLeft left -> {
        return false;
      }
    }
    return true;
  }

  private boolean goesOnAfter(
      @Nullable RuntimeException error, FrameOutput output, ProgressLines progress)
      throws IOException {
    // Work that waited gives way to the stop of an --abort option: the exit code is a container's.
    boolean gaveWay = stopping && error instanceof JcomposeException.Cancelled;
    if (error != null && !gaveWay) {
      ApiError.log(error);
      output.control(progress.naming(ApiError.projectMembers(error)));
      return false;
    }
    announce(output);
    followAll();
    return true;
  }

  /**
   * Until all has ended and will stay so: no policy starts any again, which the project says, and
   * no command is about to, which is asked for last.
   */
  private boolean goesOn(RunEvents runs, FrameOutput output) throws IOException {
    boolean over = workEnded && !feeds.isFollowing() && ends.areTold(views()) && !anyAlive();
    if (over && settled && settling) {
      output.control(Map.of("exitCode", exitCode));
      return false;
    }
    if (settled) {
      settled = false;
      settling = false;
      followAll();
    }
    if (over && !settling) {
      settling = true;
      runs.settle(project.name());
    }
    return true;
  }

  private void followAll() {
    views().stream()
        .filter(ContainerView::isRunning)
        .forEach(view -> feeds.follow(view.id(), first));
  }

  private void announce(FrameOutput output) throws IOException {
    if (!announced) {
      announced = true;
      output.control(Map.of("attached", true));
      String names =
          projects.lists().containers(project.name(), List.copyOf(attached), true).stream()
              .map(view -> LogNames.displayName(project.name(), view.name()))
              .peek(lines::register)
              .collect(Collectors.joining(", "));
      output.write(FrameOutput.STDOUT, text("Attaching to " + names + "\n"));
    }
  }

  private void tell(Optional<LogFact.Exited> known, FrameOutput output) throws IOException {
    if (known.isEmpty()) {
      return;
    }
    LogFact.Exited end = known.get();
    String name = LogNames.displayName(project.name(), end.name());
    output.write(FrameOutput.STDOUT, lines.remark(name, LogNames.ended(name, end)));
    if (!end.why().isEmpty()) {
      output.write(
          FrameOutput.STDOUT, lines.remark(name, name + ": " + HumanText.visible(end.why())));
    }
    if (!end.again()) {
      decide(end, output);
    }
  }

  /** Applies --exit-code-from and the --abort options to a container's end. */
  private void decide(LogFact.Exited end, FrameOutput output) throws IOException {
    String from = request.text("exit-code-from");
    boolean onFailure = request.has("abort-on-container-failure") && end.code() != 0;
    boolean onExit =
        request.has("abort-on-container-exit")
            || (!from.isEmpty() && !request.has("abort-on-container-failure"));
    boolean counts =
        from.isEmpty() ? onExit || onFailure : from.equals(end.labels().get(Labels.SERVICE));
    if (counts && !decided) {
      decided = true;
      exitCode = end.code();
    }
    if ((onExit || onFailure) && !stopping) {
      stopping = true;
      output.write(FrameOutput.STDERR, text("Aborting on container exit...\n"));
      Thread.ofVirtual()
          .name("abort")
          .start(
              () ->
                  projects.stop(
                      Target.of(project, List.of()), request.seconds("timeout"), Progress.NONE));
    }
  }

  private boolean anyAlive() {
    return views().stream()
        .anyMatch(view -> view.isRunning() || view.state() == ContainerView.State.RESTARTING);
  }

  /** What there is of the attached services. */
  private List<ContainerView> views() {
    return projects.lists().containers(project.name(), List.copyOf(attached), true).stream()
        .filter(view -> !Selection.isOneOff(view.labels()))
        .toList();
  }

  private Set<String> attachedServices() {
    Set<String> services = new HashSet<>(request.list("attach"));
    if (services.isEmpty()) {
      boolean all = options.services().isEmpty() || request.has("attach-dependencies");
      services.addAll(all ? project.services().keySet() : options.services());
    }
    services.removeAll(request.list("no-attach"));
    services.removeIf(
        name -> {
          Service service = project.services().get(name);
          return service != null && !service.attach();
        });
    return services;
  }

  private int scale(String service) {
    Service found = project.services().get(service);
    return found == null ? 1 : found.scale();
  }

  private static byte[] text(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
