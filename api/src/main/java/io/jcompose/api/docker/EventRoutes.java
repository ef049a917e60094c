package io.jcompose.api.docker;

import io.jcompose.api.docker.call.Call;
import io.jcompose.api.docker.call.Routes;
import io.jcompose.api.docker.model.EventMessage;
import io.jcompose.api.log.EventLog;
import io.jcompose.api.request.NamedFilters;
import io.jcompose.api.text.JsonText;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** {@code GET /events}: what happens, a line each, until the client leaves. */
final class EventRoutes {
  private static final long FOREVER_MILLIS = 3_600_000;

  private final EventLog log;
  private final Clock clock;

  EventRoutes(EventLog log, Clock clock) {
    this.log = log;
    this.clock = clock;
  }

  void addTo(Routes routes) {
    routes.get("/events", this::answer);
  }

  private void answer(Call call) throws IOException {
    Instant since = call.time("since");
    Instant until = call.time("until");
    NamedFilters filters = call.filters(Set.of());
    Thread reader = Thread.currentThread();
    OutputStream output = call.exchange().stream(200, Call.JSON, reader::interrupt);
    try (EventLog.Listener listener = log.listenToAll(since == null ? Instant.MAX : since)) {
      for (var entry = next(listener, until); entry != null; entry = next(listener, until)) {
        if (passes(entry, filters)) {
          output.write(JsonText.line(message(entry)));
        }
      }
    }
  }

  /** The next one before the end; null when there is none any more, or nobody who wants it. */
  private EventLog.@Nullable Entry next(EventLog.Listener listener, @Nullable Instant until) {
    try {
      while (true) {
        long left =
            until == null
                ? FOREVER_MILLIS
                : Math.clamp(
                    Duration.between(clock.instant(), until).toMillis(), 0, FOREVER_MILLIS);
        EventLog.Entry entry = listener.poll(left);
        if (entry != null) {
          return until != null && entry.at().isAfter(until) ? null : entry;
        }
        if (until != null && !clock.instant().isBefore(until)) {
          return null;
        }
      }
    } catch (InterruptedException e) {
      return null; // the client left
    }
  }

  /** An event's word before a colon is enough; an id may be cut. */
  private static boolean passes(EventLog.Entry entry, NamedFilters filters) {
    String word = entry.action().split(":", 2)[0];
    return (filters.is("event", entry.action()) || filters.is("event", word))
        && filters.is("type", entry.type())
        && filters.is("scope", "local")
        && isOf(entry, "container", filters)
        && isOf(entry, "network", filters)
        && isOf(entry, "volume", filters)
        && isOf(entry, "plugin", filters)
        && isOf(entry, "daemon", filters)
        && isOfImage(entry, filters)
        && filters.labels(entry.labels());
  }

  /** Who asks for one of a kind wants nothing of others. */
  private static boolean isOf(EventLog.Entry entry, String kind, NamedFilters filters) {
    List<String> wanted = filters.of(kind);
    return wanted.isEmpty()
        || (entry.type().equals(kind)
            && (wanted.contains(entry.attributes().getOrDefault("name", ""))
                || wanted.stream().anyMatch(id -> !id.isEmpty() && entry.id().startsWith(id))));
  }

  /** An image by its id or name, and a container by its image's; a name without a tag is enough. */
  private static boolean isOfImage(EventLog.Entry entry, NamedFilters filters) {
    String name = entry.type().equals("image") ? "name" : "image";
    String found = entry.attributes().getOrDefault(name, "");
    List<String> wanted = filters.of("image");
    return wanted.isEmpty()
        || (!found.isEmpty()
            && (wanted.contains(found)
                || wanted.contains(entry.id())
                || wanted.contains(found.replaceFirst(":[^:/]*$", ""))));
  }

  private static EventMessage message(EventLog.Entry entry) {
    Map<String, String> attributes = new TreeMap<>(entry.labels());
    attributes.putAll(entry.attributes());
    boolean container = entry.type().equals("container");
    boolean older = container || entry.type().equals("image");
    return new EventMessage(
        older ? entry.action() : null,
        older ? entry.id() : null,
        container ? entry.attributes().getOrDefault("image", "") : null,
        entry.type(),
        entry.action(),
        new EventMessage.Actor(entry.id(), attributes),
        "local",
        entry.at().getEpochSecond(),
        ChronoUnit.NANOS.between(Instant.EPOCH, entry.at()));
  }
}
