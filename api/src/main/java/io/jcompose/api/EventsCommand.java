package io.jcompose.api;

import io.jcompose.api.http.Exchange;
import io.jcompose.scheduler.Labels;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** {@code events}: what happens to a project's containers, until the client leaves. */
final class EventsCommand {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSSSSS", java.util.Locale.ROOT);
  private static final long FOREVER_SECONDS = 3600;

  private final EventLog log;
  private final ProjectSource source;
  private final Moments moments;
  private final Clock clock;

  EventsCommand(EventLog log, ProjectSource source, Clock clock) {
    this.log = log;
    this.source = source;
    this.moments = new Moments(clock);
    this.clock = clock;
  }

  void answer(Exchange exchange, CommandRequest request) throws IOException {
    String project = source.name(request, request.arguments());
    Instant since = moments.parse("since", request.text("since"));
    Instant until = moments.parse("until", request.text("until"));
    BlockingQueue<EventLog.Entry> queue = new LinkedBlockingQueue<>();
    EventLog.Entry left = new EventLog.Entry(Instant.MAX, "", "", Map.of(), Map.of());
    FrameOutput output =
        new FrameOutput(
            exchange.stream(
                200, "application/vnd.docker.multiplexed-stream", () -> queue.add(left)));
    log.listen(queue, since == null ? Instant.MAX : since);
    try {
      for (var entry = next(queue, until); entry != null; entry = next(queue, until)) {
        if (entry.equals(left)) {
          return;
        }
        if (isWanted(entry, project, request.arguments())) {
          String line = request.has("json") ? json(entry) : text(entry);
          output.write(FrameOutput.STDOUT, line.getBytes(StandardCharsets.UTF_8));
        }
      }
      output.control(Map.of("exitCode", 0));
    } finally {
      log.leave(queue);
    }
  }

  /** The next event before the end; null when there is none any more. */
  private EventLog.@Nullable Entry next(
      BlockingQueue<EventLog.Entry> queue, @Nullable Instant until) {
    try {
      EventLog.Entry entry = null;
      while (entry == null) {
        long left =
            until == null
                ? TimeUnit.SECONDS.toMillis(FOREVER_SECONDS)
                : Math.max(0, Duration.between(clock.instant(), until).toMillis());
        entry = queue.poll(left, TimeUnit.MILLISECONDS);
        if (entry == null && until != null) {
          return null;
        }
      }
      boolean late = until != null && entry.at().isAfter(until) && !entry.at().equals(Instant.MAX);
      return late ? null : entry;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return null;
    }
  }

  private static boolean isWanted(EventLog.Entry entry, String project, List<String> services) {
    return project.equals(entry.labels().get(Labels.PROJECT))
        && !"True".equals(entry.labels().get(Labels.ONEOFF))
        && (services.isEmpty()
            || services.contains(entry.labels().getOrDefault(Labels.SERVICE, "")));
  }

  /** As Docker Compose prints it. */
  private String text(EventLog.Entry entry) {
    String attributes =
        attributes(entry).entrySet().stream()
            .map(e -> e.getKey() + "=" + e.getValue())
            .collect(Collectors.joining(", "));
    return TIME.format(entry.at().atZone(clock.getZone()))
        + " container "
        + entry.action()
        + " "
        + entry.id()
        + " ("
        + attributes
        + ")\n";
  }

  private static String json(EventLog.Entry entry) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("action", entry.action());
    object.put("attributes", attributes(entry));
    object.put("id", entry.id());
    object.put("service", entry.labels().getOrDefault(Labels.SERVICE, ""));
    object.put("time", entry.at().toString());
    object.put("type", "container");
    return JsonText.of(object) + "\n";
  }

  /** With the user's own labels, as Docker gives them. */
  private static Map<String, String> attributes(EventLog.Entry entry) {
    Map<String, String> all = new java.util.TreeMap<>(entry.attributes());
    entry.labels().entrySet().stream()
        .filter(label -> !label.getKey().startsWith("com.docker.compose."))
        .forEach(label -> all.put(label.getKey(), label.getValue()));
    return all;
  }
}
