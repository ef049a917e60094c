package io.jcompose.scheduler;

import io.jcompose.core.ContainerView;
import io.jcompose.core.ContainerView.HealthStatus;
import io.jcompose.core.ContainerView.State;
import io.jcompose.core.EngineEvent;
import io.jcompose.core.Events;
import io.jcompose.core.Images;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Networks;
import io.jcompose.core.Volumes;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/**
 * An engine in memory, and what a test lets happen to it. Guarded by itself; {@link #ports} has
 * what the scheduler calls.
 */
final class FakeEngine implements Events {
  final Map<String, ContainerView> byId = new HashMap<>();
  final Map<String, Networks.NetworkView> networks = new TreeMap<>();
  final Map<String, Volumes.VolumeView> volumes = new TreeMap<>();
  final Map<String, Images.ImageView> images = new TreeMap<>();
  final List<String> calls = new ArrayList<>();
  final List<Consumer<EngineEvent>> listeners = new CopyOnWriteArrayList<>();
  final Map<String, Duration> pauses = new ConcurrentHashMap<>();
  final List<String> exitAtOnce = new ArrayList<>();
  final Map<String, Integer> exitCodes = new HashMap<>();

  /** What its containers' times are told by. */
  Clock clock = Clock.systemUTC();

  /** Service names that this machine cannot run. */
  final List<String> impossible = new ArrayList<>();

  /** Service names whose health is decided by the test. */
  final List<String> slowHealth = new ArrayList<>();

  /** Changing calls that still succeed; then the engine "dies". */
  int callsLeft = Integer.MAX_VALUE;

  /** Changing calls that begin with this fail; empty is none. */
  String refused = "";

  /** Whether containers do without something. */
  boolean weak;

  Duration delay = Duration.ZERO;

  /** The greatest number of calls that slept at the same time. */
  int mostAtOnce;

  private int sleeping;

  FakeEngine image(String reference) {
    return image(reference, "sha256:" + reference);
  }

  synchronized FakeEngine image(String reference, String id) {
    images.put(
        reference,
        new Images.ImageView(
            id,
            List.of(reference),
            List.of(),
            0,
            null,
            "",
            List.of(),
            List.of(),
            List.of(),
            "",
            "",
            List.of(),
            List.of(),
            Map.of(),
            "",
            null,
            List.of()));
    return this;
  }

  Ports ports() {
    return new Ports(
        new FakeContainers(this),
        new FakeNetworks(this),
        new FakeVolumes(this),
        new FakeImages(this));
  }

  synchronized void die(String name, int code) {
    ContainerView view = byId.get(id(name));
    put(
        with(
            view,
            State.EXITED,
            code,
            view.restartCount(),
            view.manuallyStopped(),
            HealthStatus.NONE));
    tell(
        new EngineEvent.ContainerExited(
            view.id(), name, view.labels(), code, false, false, Instant.now(clock)));
  }

  synchronized void health(String name, HealthStatus health) {
    ContainerView view = byId.get(id(name));
    put(with(view, view.state(), 0, view.restartCount(), false, health));
    tell(new EngineEvent.HealthChanged(view.id(), name, view.labels(), health, Instant.now(clock)));
  }

  /** Everything ends without a word, as in a power cut. */
  synchronized void powerCut() {
    byId.replaceAll(
        (id, v) ->
            v.isRunning()
                ? with(
                    v, State.EXITED, 255, v.restartCount(), v.manuallyStopped(), HealthStatus.NONE)
                : v);
    listeners.clear();
    calls.clear();
  }

  /** {@code name state}, a line each. */
  synchronized String text() {
    StringBuilder out = new StringBuilder();
    list(Map.of()).forEach(v -> out.append(v.name()).append(' ').append(v.state()).append('\n'));
    networks.keySet().forEach(n -> out.append("network ").append(n).append('\n'));
    volumes.keySet().forEach(n -> out.append("volume ").append(n).append('\n'));
    return out.toString();
  }

  synchronized List<String> callsOf(String verb) {
    return calls.stream().filter(c -> c.startsWith(verb + " ")).toList();
  }

  /** Counts a call that changes something; it may be the one at which the engine dies. */
  void changing(String call) {
    if (!delay.isZero()) {
      asleep(1);
      try {
        Thread.sleep(delay);
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      } finally {
        asleep(-1);
      }
    }
    synchronized (this) {
      if (callsLeft-- <= 0) {
        throw new JcomposeException.Internal("killed");
      }
      calls.add(call);
      if (!refused.isEmpty() && call.startsWith(refused)) {
        throw new JcomposeException.Conflict("refused: " + call);
      }
    }
  }

  private synchronized void asleep(int change) {
    sleeping += change;
    mostAtOnce = Math.max(mostAtOnce, sleeping);
  }

  void tell(EngineEvent event) {
    listeners.forEach(listener -> listener.accept(event));
  }

  void put(ContainerView view) {
    byId.put(view.id(), view);
  }

  synchronized String id(String ref) {
    return find(ref)
        .map(ContainerView::id)
        .orElseThrow(() -> new JcomposeException.NotFound("No such container: " + ref));
  }

  ContainerView with(
      ContainerView v, State state, int code, int restarts, boolean manual, HealthStatus health) {
    boolean runs = state == State.RUNNING;
    return new ContainerView(
        v.id(),
        v.spec(),
        v.imageId(),
        state,
        runs ? 1 : 0,
        code,
        false,
        "",
        v.createdAt(),
        runs ? Instant.now(clock) : v.startedAt(),
        runs ? null : Instant.now(clock),
        restarts,
        manual,
        health,
        v.endpoints(),
        List.of(),
        List.of(),
        v.anonymousVolumes(),
        pauses.getOrDefault(v.name(), v.restartPause()));
  }

  synchronized Optional<ContainerView> find(String ref) {
    return byId.values().stream()
        .filter(v -> v.id().equals(ref) || v.name().equals(ref))
        .findFirst();
  }

  synchronized List<ContainerView> list(Map<String, String> labels) {
    return byId.values().stream()
        .filter(v -> matches(v.labels(), labels))
        .sorted(Comparator.comparing(ContainerView::name))
        .toList();
  }

  static boolean matches(Map<String, String> has, Map<String, String> wants) {
    return wants.entrySet().stream()
        .allMatch(
            e ->
                has.containsKey(e.getKey())
                    && (e.getValue().isEmpty() || e.getValue().equals(has.get(e.getKey()))));
  }

  @Override
  public Subscription subscribe(Consumer<EngineEvent> listener) {
    listeners.add(listener);
    return () -> listeners.remove(listener);
  }
}
