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
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** {@code GET /events}: what happens to containers, a line each, until the client leaves. */
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
    try (EventLog.Listener listener = log.listen(since == null ? Instant.MAX : since)) {
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
    String name = entry.attributes().getOrDefault("name", "");
    String word = entry.action().split(":", 2)[0];
    boolean isNamed =
        filters.is("container", name)
            || filters.of("container").stream()
                .anyMatch(id -> !id.isEmpty() && entry.id().startsWith(id));
    boolean others = filters.of("network").isEmpty() && filters.of("volume").isEmpty();
    return others // of no other kind; filters that nobody knows are passed over
        && isNamed
        && (filters.is("event", entry.action()) || filters.is("event", word))
        && filters.is("image", entry.attributes().getOrDefault("image", ""))
        && filters.is("type", "container")
        && filters.is("scope", "local")
        && filters.labels(entry.labels());
  }

  private static EventMessage message(EventLog.Entry entry) {
    Map<String, String> attributes = new TreeMap<>(entry.labels());
    attributes.putAll(entry.attributes());
    return new EventMessage(
        entry.action(),
        entry.id(),
        entry.attributes().getOrDefault("image", ""),
        "container",
        entry.action(),
        new EventMessage.Actor(entry.id(), attributes),
        "local",
        entry.at().getEpochSecond(),
        ChronoUnit.NANOS.between(Instant.EPOCH, entry.at()));
  }
}
