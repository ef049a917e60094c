package io.jcompose.api.log;

import io.jcompose.api.answer.FrameOutput;
import io.jcompose.api.http.Exchange;
import io.jcompose.api.request.CommandRequest;
import io.jcompose.api.request.Moments;
import io.jcompose.api.request.NamedFilters;
import io.jcompose.api.request.ProjectSource;
import io.jcompose.api.request.Selection;
import io.jcompose.api.template.Template;
import io.jcompose.api.text.HumanText;
import io.jcompose.api.text.JsonText;
import io.jcompose.scheduler.Labels;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** {@code events}: what happens to a project's containers, until the client leaves. */
public final class EventsCommand {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSSSSS", Locale.ROOT);
  private static final long FOREVER_SECONDS = 3600;

  private final EventLog log;
  private final ProjectSource source;
  private final Moments moments;
  private final Clock clock;

  public EventsCommand(EventLog log, ProjectSource source, Clock clock) {
    this.log = log;
    this.source = source;
    this.moments = new Moments(clock);
    this.clock = clock;
  }

  public void answer(Exchange exchange, CommandRequest request) throws IOException {
    Selection selection = source.select(request, request.arguments());
    Instant since = moments.parse("since", request.text("since"));
    Instant until = moments.parse("until", request.text("until"));
    NamedFilters filters =
        NamedFilters.parse(request, List.of("container", "event", "image", "label", "type"));
    String format = request.text("format");
    Template template = format.isEmpty() || format.equals("json") ? null : Template.of(format);
    boolean json = request.has("json") || format.equals("json");
    Thread reader = Thread.currentThread();
    FrameOutput output = new FrameOutput(exchange.stream(200, FrameOutput.TYPE, reader::interrupt));
    try (EventLog.Listener listener = log.listen(since == null ? Instant.MAX : since)) {
      for (var entry = next(listener, until); entry != null; entry = next(listener, until)) {
        tellLost(listener, output);
        if (isWanted(entry, selection) && passes(entry, filters)) {
          String line =
              template != null
                  ? template.render(docker(entry)) + "\n"
                  : json ? json(entry) : text(entry, clock.getZone());
          output.write(FrameOutput.STDOUT, line.getBytes(StandardCharsets.UTF_8));
        }
      }
      output.control(Map.of("exitCode", 0));
    }
  }

  private static void tellLost(EventLog.Listener listener, FrameOutput output) throws IOException {
    long lost = listener.takeLost();
    if (lost > 0) {
      String words = lost + " events were lost: they are not read as fast as they come\n";
      output.write(FrameOutput.STDERR, words.getBytes(StandardCharsets.UTF_8));
    }
  }

  /** The next event before the end; null when there is none any more, or nobody who wants it. */
  private EventLog.@Nullable Entry next(EventLog.Listener listener, @Nullable Instant until) {
    try {
      EventLog.Entry entry = null;
      while (entry == null) {
        long left =
            until == null
                ? TimeUnit.SECONDS.toMillis(FOREVER_SECONDS)
                : Math.max(0, Duration.between(clock.instant(), until).toMillis());
        entry = listener.poll(left);
        if (entry == null && until != null) {
          return null;
        }
      }
      return until != null && entry.at().isAfter(until) ? null : entry;
    } catch (InterruptedException e) {
      return null; // the client left
    }
  }

  private static boolean isWanted(EventLog.Entry entry, Selection selection) {
    String name = entry.attributes().getOrDefault("name", "");
    return selection.means(name, entry.labels()) && !selection.leavesOut(name, entry.labels());
  }

  /** By docker's filters: an event's word before a colon is enough, an id may be cut. */
  private static boolean passes(EventLog.Entry entry, NamedFilters filters) {
    Map<String, String> attributes = attributes(entry);
    String word = entry.action().split(":", 2)[0];
    String name = attributes.getOrDefault("name", "");
    boolean isNamed =
        filters.is("container", name)
            || filters.values().getOrDefault("container", List.of()).stream()
                .anyMatch(id -> !id.isEmpty() && entry.id().startsWith(id));
    return isNamed
        && (filters.is("event", entry.action()) || filters.is("event", word))
        && filters.is("image", attributes.getOrDefault("image", ""))
        && filters.is("type", "container")
        && filters.labels(entry.labels());
  }

  /** As docker's templates see an event. */
  private static Map<String, Object> docker(EventLog.Entry entry) {
    Map<String, Object> actor = new LinkedHashMap<>();
    actor.put("ID", entry.id());
    actor.put("Attributes", new LinkedHashMap<>(attributes(entry)));
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("Action", entry.action());
    object.put("Actor", actor);
    object.put("From", entry.attributes().getOrDefault("image", ""));
    object.put("ID", entry.id());
    object.put("Scope", "local");
    object.put("Status", entry.action());
    object.put("Time", entry.at().getEpochSecond());
    object.put("TimeNano", ChronoUnit.NANOS.between(Instant.EPOCH, entry.at()));
    object.put("Type", "container");
    return object;
  }

  /** As Docker Compose prints it, in one line whatever an image's labels say. */
  static String text(EventLog.Entry entry, ZoneId zone) {
    String attributes =
        attributes(entry).entrySet().stream()
            .map(e -> e.getKey() + "=" + e.getValue())
            .collect(Collectors.joining(", "));
    String line = "container " + entry.action() + " " + entry.id() + " (" + attributes + ")";
    return TIME.format(entry.at().atZone(zone)) + " " + HumanText.visible(line) + "\n";
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
    Map<String, String> all = new TreeMap<>(entry.attributes());
    entry.labels().entrySet().stream()
        .filter(label -> !label.getKey().startsWith("com.docker.compose."))
        .forEach(label -> all.put(label.getKey(), label.getValue()));
    return all;
  }
}
