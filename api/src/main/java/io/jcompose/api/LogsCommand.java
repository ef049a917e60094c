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

/**
 * {@code logs}: what containers wrote, in order of time; with {@code follow} as it comes, until the
 * containers end or the client goes.
 */
final class LogsCommand {
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
    String project = source.name(request, request.arguments());
    Containers.LogQuery query = query(request);
    List<ContainerView> views = select(request, project);
    LogLines lines =
        new LogLines(
            request.is("colour"), !request.has("no-log-prefix"), request.has("timestamps"));
    views.forEach(view -> lines.register(displayName(project, view)));
    if (query.follow()) {
      follow(exchange, request, project, query, views, lines);
    } else {
      print(exchange, project, query, views, lines);
    }
  }

  private void print(
      Exchange exchange,
      String project,
      Containers.LogQuery query,
      List<ContainerView> views,
      LogLines lines)
      throws IOException {
    Set<Containers.LogReader> readers = ConcurrentHashMap.newKeySet();
    FrameOutput output =
        new FrameOutput(
            exchange.stream(200, FRAMES, () -> readers.forEach(Containers.LogReader::close)));
    try {
      merge(
          project,
          view -> query,
          views,
          readers,
          line -> output.write(FrameOutput.STDOUT, lines.render(line.name(), line.line())));
      output.control(Map.of("exitCode", 0));
    } catch (JcomposeException e) {
      output.control(ApiError.members(e));
    }
  }

  /** Shows what comes, also of containers that are started or made later, while one runs. */
  private void follow(
      Exchange exchange,
      CommandRequest request,
      String project,
      Containers.LogQuery query,
      List<ContainerView> views,
      LogLines lines)
      throws IOException {
    LogPlaces places = LogPlaces.of(request);
    LogFeeds feeds = new LogFeeds(containers, project);
    FrameOutput output =
        new FrameOutput(exchange.stream(200, FRAMES, () -> feeds.tell(new LogFact.ClientLeft())));
    Events.Subscription subscription = events.subscribe(feeds::listen);
    try (feeds) {
      Containers.LogQuery past =
          new Containers.LogQuery(query.tail(), query.since(), query.until(), false);
      Shown shown =
          line ->
              places.show(output, lines.render(line.name(), line.line()), line.id(), line.end());
      Map<String, Containers.LogPlace> ends =
          merge(
              project,
              view -> places.first(view, past),
              views,
              ConcurrentHashMap.newKeySet(),
              shown);
      for (Map.Entry<String, Containers.LogPlace> end : ends.entrySet()) {
        feeds.seen(end.getKey(), end.getValue());
        places.tell(output, end.getKey(), end.getValue());
      }
      Containers.LogQuery whole = new Containers.LogQuery(-1, query.since(), query.until(), true);
      views.forEach(view -> feeds.follow(view.id(), whole));
      boolean more = !views.isEmpty();
      while (more) {
        more = react(feeds, request, project, whole, shown);
      }
      output.control(Map.of("exitCode", 0));
    } catch (JcomposeException e) {
      output.control(ApiError.members(e));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      subscription.close();
    }
  }

  private boolean react(
      LogFeeds feeds,
      CommandRequest request,
      String project,
      Containers.LogQuery later,
      Shown shown)
      throws IOException, InterruptedException {
    switch (feeds.take()) {
      case LogFact.Line line -> shown.take(line);
      case LogFact.Started started -> {
        if (select(request, project).stream().anyMatch(v -> v.id().equals(started.id()))) {
          feeds.follow(started.id(), later);
        }
      }
      case LogFact.LogEnded ended -> {
        if (!feeds.isFollowing()) {
          List<ContainerView> alive =
              select(request, project).stream().filter(LogsCommand::isAlive).toList();
          // One that was started before its last log's end was read is followed from there.
          alive.stream()
              .filter(ContainerView::isRunning)
              .forEach(view -> feeds.follow(view.id(), later));
          return !alive.isEmpty();
        }
        containers
            .find(ended.id())
            .filter(ContainerView::isRunning)
            .ifPresent(view -> feeds.follow(view.id(), later));
      }
      case LogFact.WorkEnded ended -> {}
      case LogFact.ClientLeft left -> {
        return false;
      }
    }
    return true;
  }

  private static boolean isAlive(ContainerView view) {
    return view.isRunning() || view.state() == ContainerView.State.RESTARTING;
  }

  /** The container's name as logs show it: without the project, unless it has a name of its own. */
  static String displayName(String project, ContainerView view) {
    String start = project + "-";
    return view.name().startsWith(start) ? view.name().substring(start.length()) : view.name();
  }

  private List<ContainerView> select(CommandRequest request, String project) {
    String index = request.text("index");
    return projects.lists().containers(project, request.arguments(), true).stream()
        .filter(view -> index.isEmpty() || index.equals(view.labels().get(Labels.CONTAINER_NUMBER)))
        .toList();
  }

  /** Shows what several logs have, in the order of time; returns where each ended, by id. */
  private Map<String, Containers.LogPlace> merge(
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
        offer(heads, ends, view.id(), displayName(project, view), reader);
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

  private interface Shown {
    void take(LogFact.Line line) throws IOException;
  }

  private record Head(LogFact.Line line, Containers.LogReader reader) {
    Instant time() {
      return line.line().time();
    }
  }
}
