package io.jcompose.api;

import io.jcompose.core.ContainerView;
import io.jcompose.core.Containers;
import io.jcompose.core.EngineEvent;
import io.jcompose.core.Events;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The engine's events in Docker's words, with those of the last while kept for {@code --since}. One
 * object an engine, guarded by itself; a container's image is remembered because an event of its
 * removal comes when it is gone.
 */
final class EventLog {
  private static final int KEPT = 512;

  /** Of a longer command line the beginning is kept: a script may come as one argument. */
  private static final int LONGEST_ACTION = 1024;

  /** Some seconds of a busy host; a reader that is further behind loses events. */
  private static final int LISTENER_EVENTS = 2048;

  private final Containers containers;
  private final Deque<Entry> last = new ArrayDeque<>();
  private final Map<String, String> images = new LinkedHashMap<>();
  private final List<Listener> listeners = new CopyOnWriteArrayList<>();

  /**
   * One event.
   *
   * @param action Docker's word
   * @param attributes image, name, and what belongs to the action; no labels
   */
  record Entry(
      Instant at,
      String id,
      String action,
      Map<String, String> attributes,
      Map<String, String> labels) {}

  EventLog(Containers containers, Events events) {
    this.containers = containers;
    // Told for the life of the engine.
    Events.Subscription always = events.subscribe(this::take);
    java.util.Objects.requireNonNull(always);
  }

  /**
   * One who follows events at a pace of their own: a bounded queue, and how many found no place in
   * it. Thread-safe; closing it ends the following.
   */
  final class Listener implements AutoCloseable {
    private final BlockingQueue<Entry> queue = new ArrayBlockingQueue<>(LISTENER_EVENTS);
    private final AtomicLong lost = new AtomicLong();

    private void add(Entry entry) {
      if (!queue.offer(entry)) {
        lost.incrementAndGet();
      }
    }

    /** The next event; null when none came in that time. */
    @Nullable Entry poll(long millis) throws InterruptedException {
      return queue.poll(millis, TimeUnit.MILLISECONDS);
    }

    /** How many events were lost since the last call. */
    long takeLost() {
      return lost.getAndSet(0);
    }

    @Override
    public void close() {
      listeners.remove(this);
    }
  }

  /** Follows events from the moment on, those that are kept since then first. */
  synchronized Listener listen(Instant since) {
    Listener listener = new Listener();
    last.stream().filter(e -> !e.at.isBefore(since)).forEach(listener::add);
    listeners.add(listener);
    return listener;
  }

  private synchronized void take(EngineEvent event) {
    for (Entry entry : entries(event)) {
      if (last.size() == KEPT) {
        last.removeFirst();
      }
      last.addLast(entry);
      listeners.forEach(listener -> listener.add(entry));
    }
  }

  private List<Entry> entries(EngineEvent event) {
    return switch (event) {
      case EngineEvent.ContainerCreated e ->
          List.of(entry(e, e.id(), e.name(), "create", Map.of()));
      case EngineEvent.ContainerStarted e -> List.of(entry(e, e.id(), e.name(), "start", Map.of()));
      case EngineEvent.ContainerExited e -> {
        List<Entry> all = new ArrayList<>();
        if (e.oomKilled()) {
          all.add(entry(e, e.id(), e.name(), "oom", Map.of()));
        }
        Map<String, String> end = new LinkedHashMap<>();
        end.put("exitCode", String.valueOf(e.exitCode()));
        end.put("execDuration", String.valueOf(e.ran().toSeconds()));
        all.add(entry(e, e.id(), e.name(), "die", end));
        yield all;
      }
      case EngineEvent.HealthChanged e -> {
        String word = e.health().name().toLowerCase(java.util.Locale.ROOT);
        yield List.of(entry(e, e.id(), e.name(), "health_status: " + word, Map.of()));
      }
      case EngineEvent.ContainerRemoved e -> {
        Entry entry = entry(e, e.id(), e.name(), "destroy", Map.of());
        images.remove(e.id());
        yield List.of(entry);
      }
      case EngineEvent.ContainerActed e ->
          List.of(entry(e, e.id(), e.name(), e.action(), e.attributes()));
    };
  }

  private Entry entry(
      EngineEvent event, String id, String name, String action, Map<String, String> more) {
    Map<String, String> attributes = new java.util.TreeMap<>(more);
    attributes.put(
        "image",
        images.computeIfAbsent(id, key -> containers.find(key).map(EventLog::image).orElse("")));
    attributes.put("name", name);
    return new Entry(event.at(), id, shortened(action), attributes, event.labels());
  }

  private static String shortened(String action) {
    if (action.length() <= LONGEST_ACTION) {
      return action;
    }
    boolean splits = Character.isHighSurrogate(action.charAt(LONGEST_ACTION - 1));
    return action.substring(0, splits ? LONGEST_ACTION - 1 : LONGEST_ACTION) + "…";
  }

  private static String image(ContainerView view) {
    return view.spec().image();
  }
}
