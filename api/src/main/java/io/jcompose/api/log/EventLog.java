package io.jcompose.api.log;

import io.jcompose.core.ContainerView;
import io.jcompose.core.Containers;
import io.jcompose.core.EngineEvent;
import io.jcompose.core.Events;
import io.jcompose.core.Networks;
import io.jcompose.core.sync.FairShare;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
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
public final class EventLog {
  static final String CONTAINER = "container";
  private static final AtomicLong NUMBERS = new AtomicLong();
  private static final String COMPOSE = "com.docker.compose.";
  private static final int KEPT = 512;
  private static final int ENTRY_BYTES = 256;
  private static final int PAIR_BYTES = 64;

  /** Of a longer command line the beginning is kept: a script may come as one argument. */
  private static final int LONGEST_ACTION = 1024;

  /** What is kept takes no more bytes than this, however long labels are. */
  private static final int KEPT_BYTES = 2 * 1024 * 1024;

  /** Of longer labels those of Compose are kept, and others as far as they fit. */
  private static final int LABEL_BYTES = 16 * 1024;

  /** Some seconds of a busy host; a reader that is further behind loses events. */
  private static final int LISTENER_EVENTS = 2048;

  /** What all readers have not read yet, in bytes. */
  private static final int BACKLOG_BYTES = 2 * 1024 * 1024;

  private final Containers containers;
  private final ContainerObjects objects;
  private final Deque<Entry> last = new ArrayDeque<>();
  private long lastBytes;
  private final FairShare backlog = new FairShare(BACKLOG_BYTES);
  private final Map<String, String> images = new LinkedHashMap<>();
  private final List<Listener> listeners = new CopyOnWriteArrayList<>();

  /**
   * One event.
   *
   * @param type of what it is about: container, network, volume, image
   * @param action Docker's word
   * @param attributes image, name, and what belongs to the action; no labels
   */
  public record Entry(
      Instant at,
      String type,
      String id,
      String action,
      Map<String, String> attributes,
      Map<String, String> labels) {
    /** Of a container. */
    public Entry(
        Instant at,
        String id,
        String action,
        Map<String, String> attributes,
        Map<String, String> labels) {
      this(at, CONTAINER, id, action, attributes, labels);
    }

    private int bytes() {
      return ENTRY_BYTES
          + 2 * action.length()
          + EventLog.bytes(attributes)
          + EventLog.bytes(labels);
    }
  }

  public EventLog(Containers containers, Networks networks, Events events) {
    this.containers = containers;
    this.objects = new ContainerObjects(containers, networks);
    // Told for the life of the engine.
    Events.Subscription always = events.subscribe(this::take);
    Objects.requireNonNull(always);
  }

  /**
   * One who follows events at a pace of their own: a bounded queue, and how many found no place in
   * it. Thread-safe; closing it ends the following.
   */
  public final class Listener implements AutoCloseable {
    private final String name = "listener " + NUMBERS.incrementAndGet();
    private final boolean all;
    private final BlockingQueue<Entry> queue = new ArrayBlockingQueue<>(LISTENER_EVENTS);
    private final AtomicLong lost = new AtomicLong();

    private Listener(boolean all) {
      this.all = all;
    }

    private void add(Entry entry) {
      if (!all && (!entry.type.equals(CONTAINER) || entry.id.isEmpty())) {
        return;
      }
      int bytes = entry.bytes();
      if (!backlog.take(name, bytes)) {
        lost.incrementAndGet();
      } else if (!queue.offer(entry)) {
        backlog.give(name, bytes);
        lost.incrementAndGet();
      }
    }

    /** The next event; null when none came in that time. */
    public @Nullable Entry poll(long millis) throws InterruptedException {
      Entry next = queue.poll(millis, TimeUnit.MILLISECONDS);
      if (next != null) {
        backlog.give(name, next.bytes());
      }
      return next;
    }

    /** How many events were lost since the last call. */
    public long takeLost() {
      return lost.getAndSet(0);
    }

    @Override
    public void close() {
      synchronized (EventLog.this) { // nothing is added after it
        listeners.remove(this);
      }
      for (Entry left = queue.poll(); left != null; left = queue.poll()) {
        backlog.give(name, left.bytes());
      }
    }
  }

  /** Follows events of containers from the moment on, those that are kept since then first. */
  public Listener listen(Instant since) {
    return listen(since, /* all= */ false);
  }

  /** The same of networks, volumes and images too. */
  public Listener listenToAll(Instant since) {
    return listen(since, /* all= */ true);
  }

  private synchronized Listener listen(Instant since, boolean all) {
    Listener listener = new Listener(all);
    last.stream().filter(e -> !e.at.isBefore(since)).forEach(listener::add);
    listeners.add(listener);
    return listener;
  }

  private synchronized void take(EngineEvent event) {
    entries(event).forEach(this::add);
  }

  /** Something that the API itself has done to a container, or to all of a kind. */
  public synchronized void add(Entry entry) {
    last.addLast(entry);
    lastBytes += entry.bytes();
    while (last.size() > KEPT || lastBytes > KEPT_BYTES) {
      lastBytes -= last.removeFirst().bytes();
    }
    listeners.forEach(listener -> listener.add(entry));
  }

  private List<Entry> entries(EngineEvent event) {
    return switch (event) {
      case EngineEvent.ContainerCreated e ->
          List.of(entry(e, e.id(), e.name(), "create", Map.of()));
      case EngineEvent.ContainerStarted e -> {
        List<Entry> all = new ArrayList<>();
        objects.taken(e.id(), e.at()).forEach(one -> all.add(entry(one)));
        all.add(entry(e, e.id(), e.name(), "start", Map.of()));
        yield all;
      }
      case EngineEvent.ContainerExited e -> {
        List<Entry> all = new ArrayList<>();
        if (e.oomKilled()) {
          all.add(entry(e, e.id(), e.name(), "oom", Map.of()));
        }
        Map<String, String> end = new LinkedHashMap<>();
        end.put("exitCode", String.valueOf(e.exitCode()));
        end.put("execDuration", String.valueOf(e.ran().toSeconds()));
        all.add(entry(e, e.id(), e.name(), "die", end));
        objects.left(e.id(), e.at()).forEach(one -> all.add(entry(one)));
        yield all;
      }
      case EngineEvent.HealthChanged e -> {
        String word = e.health().name().toLowerCase(Locale.ROOT);
        yield List.of(entry(e, e.id(), e.name(), "health_status: " + word, Map.of()));
      }
      case EngineEvent.ContainerRemoved e -> {
        Entry entry = entry(e, e.id(), e.name(), "destroy", Map.of());
        images.remove(e.id());
        yield List.of(entry);
      }
      case EngineEvent.ObjectChanged e -> List.of(entry(e));
      case EngineEvent.ContainerActed e ->
          List.of(entry(e, e.id(), e.name(), e.action(), e.attributes()));
    };
  }

  private static Entry entry(EngineEvent.ObjectChanged e) {
    return new Entry(e.at(), e.kind(), e.id(), e.action(), e.attributes(), shortened(e.labels()));
  }

  private Entry entry(
      EngineEvent event, String id, String name, String action, Map<String, String> more) {
    Map<String, String> attributes = new TreeMap<>(more);
    attributes.put("image", imageOf(id));
    attributes.put("name", name);
    return new Entry(event.at(), id, shortened(action), attributes, shortened(event.labels()));
  }

  /** What the API itself has done to a container that changes nothing of it. */
  public void acted(ContainerView view, String action, Map<String, String> more) {
    Map<String, String> attributes = new TreeMap<>(more);
    attributes.put("image", image(view));
    attributes.put("name", view.name());
    add(new Entry(Instant.now(), view.id(), action, attributes, shortened(view.labels())));
  }

  /** Of a container that is gone nothing is remembered: no event would end that. */
  private String imageOf(String id) {
    String known = images.get(id);
    if (known == null) {
      known = containers.find(id).map(EventLog::image).orElse("");
      if (!known.isEmpty()) {
        images.put(id, known);
      }
    }
    return known;
  }

  private static Map<String, String> shortened(Map<String, String> labels) {
    if (bytes(labels) <= LABEL_BYTES) {
      return labels;
    }
    Map<String, String> kept = new TreeMap<>();
    int left = LABEL_BYTES;
    for (boolean own : new boolean[] {true, false}) {
      for (Map.Entry<String, String> label : labels.entrySet()) {
        int bytes = bytes(label);
        if (label.getKey().startsWith(COMPOSE) == own && bytes <= left) {
          kept.put(label.getKey(), label.getValue());
          left -= bytes;
        }
      }
    }
    return kept;
  }

  private static int bytes(Map<String, String> texts) {
    return texts.entrySet().stream().mapToInt(EventLog::bytes).sum();
  }

  private static int bytes(Map.Entry<String, String> text) {
    return PAIR_BYTES + 2 * (text.getKey().length() + text.getValue().length());
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
