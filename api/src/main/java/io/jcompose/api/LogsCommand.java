package io.jcompose.api;

import io.jcompose.api.http.Exchange;
import io.jcompose.core.ContainerView;
import io.jcompose.core.Containers;
import io.jcompose.core.Events;
import io.jcompose.core.JcomposeException;
import io.jcompose.scheduler.Labels;
import io.jcompose.scheduler.Projects;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * {@code logs}: what containers wrote, in order of time; with {@code follow} as it comes, until the
 * containers end or the client goes.
 */
final class LogsCommand {
  /** The end of a name that was given with {@code --compatibility}. */
  private static final Pattern UNDERSCORES = Pattern.compile("_(\\d+|run_[0-9a-f]+)$");

  private static final String FRAMES = "application/vnd.docker.multiplexed-stream";

  private final Projects projects;
  private final Containers containers;
  private final ProjectSource source;
  private final Events events;
  private final Moments moments;

  LogsCommand(
      Projects projects, Containers containers, ProjectSource source, Events events, Clock clock) {
    this.projects = projects;
    this.containers = containers;
    this.source = source;
    this.events = events;
    this.moments = new Moments(clock);
  }

  void answer(Exchange exchange, CommandRequest request) throws IOException {
    Selection selection = source.select(request, request.arguments());
    Containers.LogQuery query = query(request);
    List<ContainerView> views = select(request, selection);
    boolean prefix = !request.has("no-log-prefix") && !isSingle(request, selection);
    LogLines lines =
        new LogLines(
            request.is("colour"), prefix, request.has("timestamps"), request.has("details"));
    views.forEach(view -> lines.register(displayName(selection.project(), view.name())));
    if (query.follow()) {
      new FollowedLogs(this, projects, containers, events, request, selection, query, lines)
          .answer(exchange, views);
    } else {
      print(exchange, request, selection, query, views, lines);
    }
  }

  private void print(
      Exchange exchange,
      CommandRequest request,
      Selection selection,
      Containers.LogQuery query,
      List<ContainerView> views,
      LogLines lines)
      throws IOException {
    Set<Containers.LogReader> readers = ConcurrentHashMap.newKeySet();
    FrameOutput output =
        new FrameOutput(
            exchange.stream(200, FRAMES, () -> readers.forEach(Containers.LogReader::close)));
    try {
      boolean single = isSingle(request, selection);
      merge(
          selection.project(),
          view -> query,
          views,
          readers,
          line ->
              output.write(stream(single, line.line()), lines.render(line.name(), line.line())));
      output.control(Map.of("exitCode", 0));
    } catch (JcomposeException e) {
      output.control(ApiError.members(e));
    }
  }

  /** Whether one container was named itself: then the answer is that of {@code docker logs}. */
  static boolean isSingle(CommandRequest request, Selection selection) {
    return selection.target() == null && !selection.everywhere() && request.arguments().size() == 1;
  }

  /** Where a line goes: Docker Compose has one stream, docker the container's two. */
  static int stream(boolean single, Containers.LogRecord line) {
    return single && line.stream().equals("stderr") ? FrameOutput.STDERR : FrameOutput.STDOUT;
  }

  /** The container's name as logs show it: without the project, unless it has a name of its own. */
  static String displayName(String project, String name) {
    boolean own =
        name.startsWith(project + "-")
            || (name.startsWith(project + "_") && UNDERSCORES.matcher(name).find());
    return !project.isEmpty() && own ? name.substring(project.length() + 1) : name;
  }

  /** The name of the container whose place one with these labels takes. */
  static String replacedName(String project, Map<String, String> labels) {
    return displayName(project, labels.getOrDefault(Labels.REPLACE, ""));
  }

  /** What is said of the end of a run, in Docker Compose's words. */
  static String ended(String name, LogFact.Exited end) {
    return name + " exited with code " + end.code() + (end.again() ? " (restarting)" : "");
  }

  List<ContainerView> select(CommandRequest request, Selection selection) {
    String index = request.text("index");
    return selection.views(containers, true).stream()
        .filter(view -> index.isEmpty() || index.equals(view.labels().get(Labels.CONTAINER_NUMBER)))
        .toList();
  }

  /** Shows what several logs have, in the order of time; returns where each ended, by id. */
  Map<String, Containers.LogPlace> merge(
      String project,
      Function<ContainerView, Containers.LogQuery> query,
      List<ContainerView> views,
      Set<Containers.LogReader> readers,
      Shown shown)
      throws IOException {
    Map<String, Containers.LogPlace> ends = new LinkedHashMap<>();
    PriorityQueue<Head> heads = new PriorityQueue<>(Comparator.comparing(Head::time));
    try {
      for (ContainerView view : views) {
        Containers.LogReader reader = containers.logs(view.id(), query.apply(view));
        readers.add(reader);
        offer(heads, ends, view.id(), displayName(project, view.name()), reader);
      }
      for (Head head = heads.poll(); head != null; head = heads.poll()) {
        shown.take(head.line);
        for (Containers.LogRecord piece = head.line.line(); piece.continues(); ) {
          piece = Objects.requireNonNull(head.reader.next(), "the rest of a line");
          shown.take(
              new LogFact.Line(head.line.id(), head.line.name(), piece, head.reader.place()));
        }
        offer(heads, ends, head.line.id(), head.line.name(), head.reader);
      }
      return ends;
    } finally {
      readers.forEach(Containers.LogReader::close);
    }
  }

  private static void offer(
      PriorityQueue<Head> heads,
      Map<String, Containers.LogPlace> ends,
      String id,
      String name,
      Containers.LogReader reader) {
    Containers.LogRecord line = reader.next();
    Containers.LogPlace place = reader.place();
    if (line != null) {
      heads.add(new Head(new LogFact.Line(id, name, line, place), reader));
    } else {
      ends.put(id, place);
    }
  }

  private Containers.LogQuery query(CommandRequest request) {
    String tail = request.text("tail");
    return new Containers.LogQuery(
        tail.isEmpty() || tail.equals("all") ? -1 : request.number("tail", -1),
        moments.parse("since", request.text("since")),
        moments.parse("until", request.text("until")),
        request.has("follow"));
  }

  interface Shown {
    void take(LogFact.Line line) throws IOException;
  }

  private record Head(LogFact.Line line, Containers.LogReader reader) {
    Instant time() {
      return line.line().time();
    }
  }
}
