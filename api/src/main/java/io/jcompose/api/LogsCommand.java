package io.jcompose.api;

import io.jcompose.api.http.Exchange;
import io.jcompose.core.ContainerView;
import io.jcompose.core.Containers;
import io.jcompose.core.JcomposeException;
import io.jcompose.scheduler.Labels;
import io.jcompose.scheduler.Projects;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * {@code logs}: what containers wrote, in order of time; with {@code follow} as it comes, until the
 * containers end or the client goes.
 */
final class LogsCommand {
  private final Projects projects;
  private final Containers containers;
  private final ProjectSource source;
  private final Clock clock;

  LogsCommand(Projects projects, Containers containers, ProjectSource source, Clock clock) {
    this.projects = projects;
    this.containers = containers;
    this.source = source;
    this.clock = clock;
  }

  void answer(Exchange exchange, CommandRequest request) throws IOException {
    String project = source.name(request, request.arguments());
    Containers.LogQuery query = query(request);
    List<ContainerView> views = select(request, project);
    LogLines lines =
        new LogLines(
            request.is("colour"), !request.has("no-log-prefix"), request.has("timestamps"));
    views.forEach(view -> lines.register(displayName(project, view)));
    Set<Containers.LogReader> readers = ConcurrentHashMap.newKeySet();
    FrameOutput output =
        new FrameOutput(
            exchange.stream(
                200,
                "application/vnd.docker.multiplexed-stream",
                () -> readers.forEach(Containers.LogReader::close)));
    List<Source> sources = new ArrayList<>();
    try {
      for (ContainerView view : views) {
        Containers.LogReader reader = containers.logs(view.id(), query);
        readers.add(reader);
        sources.add(new Source(displayName(project, view), reader));
      }
      if (query.follow()) {
        follow(sources, lines, output);
      } else {
        merge(sources, lines, output);
      }
      output.control(Map.of("exitCode", 0));
    } catch (JcomposeException e) {
      output.control(ApiError.members(e));
    } finally {
      readers.forEach(Containers.LogReader::close);
    }
  }

  /** The container's name as logs show it: without the project, unless it has a name of its own. */
  static String displayName(String project, ContainerView view) {
    String start = project + "-";
    return view.name().startsWith(start) ? view.name().substring(start.length()) : view.name();
  }

  private List<ContainerView> select(CommandRequest request, String project) {
    String index = request.text("index");
    return projects.containers(project, request.arguments(), true).stream()
        .filter(view -> index.isEmpty() || index.equals(view.labels().get(Labels.CONTAINER_NUMBER)))
        .toList();
  }

  private static void merge(List<Source> sources, LogLines lines, FrameOutput output)
      throws IOException {
    PriorityQueue<Head> heads = new PriorityQueue<>(Comparator.comparing(Head::time));
    for (Source each : sources) {
      offer(heads, each);
    }
    for (Head head = heads.poll(); head != null; head = heads.poll()) {
      output.write(FrameOutput.STDOUT, lines.render(head.source.name, head.line));
      offer(heads, head.source);
    }
  }

  private static void offer(PriorityQueue<Head> heads, Source source) {
    Containers.LogRecord line = source.reader.next();
    if (line != null) {
      heads.add(new Head(source, line));
    }
  }

  private static void follow(List<Source> sources, LogLines lines, FrameOutput output) {
    List<Thread> threads = new ArrayList<>();
    for (Source each : sources) {
      threads.add(Thread.ofVirtual().name("follow-log").start(() -> copy(each, lines, output)));
    }
    for (Thread thread : threads) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  private static void copy(Source source, LogLines lines, FrameOutput output) {
    try {
      for (var line = source.reader.next(); line != null; line = source.reader.next()) {
        byte[] text;
        synchronized (lines) {
          text = lines.render(source.name, line);
        }
        output.write(FrameOutput.STDOUT, text);
      }
    } catch (IOException e) {
      source.reader.close(); // the client is gone
    }
  }

  private Containers.LogQuery query(CommandRequest request) {
    String tail = request.text("tail");
    return new Containers.LogQuery(
        tail.isEmpty() || tail.equals("all") ? -1 : request.number("tail", -1),
        moment("since", request.text("since")),
        moment("until", request.text("until")),
        request.has("follow"));
  }

  private @Nullable Instant moment(String option, String text) {
    if (text.isEmpty()) {
      return null;
    }
    try {
      if (text.matches("\\d+(\\.\\d+)?")) {
        return Instant.ofEpochMilli((long) (Double.parseDouble(text) * 1000));
      }
      if (text.matches("(\\d+(\\.\\d+)?[hms])+")) {
        return clock.instant().minus(Duration.parse("PT" + text));
      }
      return text.endsWith("Z") || text.matches(".*T.*[+-]\\d\\d:\\d\\d")
          ? java.time.OffsetDateTime.parse(text).toInstant()
          : local(text);
    } catch (DateTimeParseException e) {
      throw new JcomposeException.InvalidArgument(
          "invalid value for --" + option + ": \"" + text + "\" is not a time or a duration");
    }
  }

  private Instant local(String text) {
    String whole = text.contains("T") ? text : text + "T00:00:00";
    return java.time.LocalDateTime.parse(whole).atZone(clock.getZone()).toInstant();
  }

  private record Source(String name, Containers.LogReader reader) {}

  private record Head(Source source, Containers.LogRecord line) {
    Instant time() {
      return line.time();
    }
  }
}
