package io.jcompose.scheduler;

import io.jcompose.core.ContainerSpec;
import io.jcompose.core.ContainerView;
import io.jcompose.core.ContainerView.EndpointView;
import io.jcompose.core.ContainerView.HealthStatus;
import io.jcompose.core.ContainerView.State;
import io.jcompose.core.Containers;
import io.jcompose.core.EngineEvent;
import io.jcompose.core.Events;
import io.jcompose.core.Ids;
import io.jcompose.core.Images;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Networking.EndpointSpec;
import io.jcompose.core.Networks;
import io.jcompose.core.Resources;
import io.jcompose.core.StreamSession;
import io.jcompose.core.Volumes;
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

/** An engine in memory: containers run as soon as they are started and end when told. */
final class FakeEngine implements Containers, Events {
  final Map<String, ContainerView> byId = new HashMap<>();
  final Map<String, Networks.NetworkView> networks = new TreeMap<>();
  final Map<String, Volumes.VolumeView> volumes = new TreeMap<>();
  final Map<String, Images.ImageView> images = new TreeMap<>();
  final List<String> calls = new ArrayList<>();
  final List<Consumer<EngineEvent>> listeners = new CopyOnWriteArrayList<>();
  final Map<String, Duration> pauses = new ConcurrentHashMap<>();
  final List<String> exitAtOnce = new ArrayList<>();
  final Map<String, Integer> exitCodes = new HashMap<>();

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
    return new Ports(this, new FakeNetworks(this), new FakeVolumes(this), new FakeImages(this));
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
            view.id(), name, view.labels(), code, false, false, Instant.now()));
  }

  synchronized void health(String name, HealthStatus health) {
    ContainerView view = byId.get(id(name));
    put(with(view, view.state(), 0, view.restartCount(), false, health));
    tell(new EngineEvent.HealthChanged(view.id(), name, view.labels(), health, Instant.now()));
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

  private void tell(EngineEvent event) {
    listeners.forEach(listener -> listener.accept(event));
  }

  private void put(ContainerView view) {
    byId.put(view.id(), view);
  }

  private synchronized String id(String ref) {
    return find(ref)
        .map(ContainerView::id)
        .orElseThrow(() -> new JcomposeException.NotFound("No such container: " + ref));
  }

  private ContainerView with(
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
        runs ? Instant.now() : v.startedAt(),
        runs ? null : Instant.now(),
        restarts,
        manual,
        health,
        v.endpoints(),
        List.of(),
        List.of(),
        v.anonymousVolumes(),
        pauses.getOrDefault(v.name(), v.restartPause()));
  }

  private static ContainerView with(ContainerView v, ContainerSpec spec) {
    return new ContainerView(
        v.id(),
        spec,
        v.imageId(),
        v.state(),
        v.pid(),
        v.exitCode(),
        false,
        "",
        v.createdAt(),
        v.startedAt(),
        v.finishedAt(),
        v.restartCount(),
        v.manuallyStopped(),
        v.health(),
        v.endpoints(),
        List.of(),
        List.of(),
        v.anonymousVolumes(),
        v.restartPause());
  }

  @Override
  public List<String> warnings(ContainerSpec spec) {
    return weak ? List.of("Weight discarded.") : List.of();
  }

  @Override
  public List<JcomposeException> problems(ContainerSpec spec) {
    return impossible.contains(spec.labels().get(Labels.SERVICE))
        ? List.of(new JcomposeException.InvalidArgument("impossible"))
        : List.of();
  }

  @Override
  public String create(ContainerSpec spec) {
    changing("create " + spec.name());
    synchronized (this) {
      if (find(spec.name()).isPresent()) {
        throw new JcomposeException.Conflict("name in use: " + spec.name());
      }
      for (EndpointSpec e : spec.networking().endpoints()) {
        if (!networks.containsKey(e.network())) {
          throw new JcomposeException.NotFound("network " + e.network() + " not found");
        }
      }
      String id = Ids.next();
      List<EndpointView> endpoints =
          spec.networking().endpoints().stream()
              .map(
                  e ->
                      new EndpointView(
                          e.network(), networks.get(e.network()).id(), "", "", "", "", e.aliases()))
              .toList();
      put(
          new ContainerView(
              id,
              spec,
              spec.imageId(),
              State.CREATED,
              0,
              0,
              false,
              "",
              Instant.now(),
              null,
              null,
              0,
              false,
              HealthStatus.NONE,
              endpoints,
              List.of(),
              List.of(),
              Map.of(),
              Duration.ZERO));
      return id;
    }
  }

  @Override
  public void start(String ref) {
    changing("start " + name(ref));
    run(ref, 0);
  }

  @Override
  public void restarted(String ref) {
    changing("restarted " + name(ref));
  }

  @Override
  public void restartAfterExit(String ref) {
    changing("restart " + name(ref));
    run(ref, 1);
  }

  private synchronized void run(String ref, int more) {
    ContainerView v = byId.get(id(ref));
    if (v.isRunning()) {
      return;
    }
    String service = Observed.service(v);
    HealthStatus health =
        v.spec().health() == null
            ? HealthStatus.NONE
            : slowHealth.contains(service) ? HealthStatus.STARTING : HealthStatus.HEALTHY;
    put(with(v, State.RUNNING, 0, v.restartCount() + more, false, health));
    tell(new EngineEvent.ContainerStarted(v.id(), v.name(), v.labels(), Instant.now()));
    if (exitAtOnce.contains(service)) {
      die(v.name(), exitCodes.getOrDefault(service, 0));
    }
  }

  private synchronized String name(String ref) {
    return byId.get(id(ref)).name();
  }

  @Override
  public synchronized void markRestarting(String ref, Duration pause) {
    ContainerView v = byId.get(id(ref));
    pauses.put(v.name(), pause);
    put(with(v, State.RESTARTING, v.exitCode(), v.restartCount(), false, HealthStatus.NONE));
  }

  @Override
  public void stop(String ref, Duration timeout, boolean manual) {
    changing("stop " + name(ref));
    end(ref, 143, manual);
  }

  private synchronized void end(String ref, int code, boolean manual) {
    ContainerView v = byId.get(id(ref));
    boolean ran = v.isRunning();
    if (ran || v.state() == State.RESTARTING) {
      put(with(v, State.EXITED, code, v.restartCount(), manual, HealthStatus.NONE));
    }
    if (ran) {
      tell(
          new EngineEvent.ContainerExited(
              v.id(), v.name(), v.labels(), code, false, true, Instant.now()));
    }
  }

  @Override
  public void kill(String ref, String signal) {
    changing("kill " + name(ref));
    if (signal.equals("SIGKILL")) {
      end(ref, 137, true);
    } else {
      die(name(ref), 137);
    }
  }

  @Override
  public void pause(String ref) {
    changing("pause " + name(ref));
    synchronized (this) {
      ContainerView v = byId.get(id(ref));
      put(with(v, State.PAUSED, 0, 0, false, v.health()));
    }
  }

  @Override
  public void unpause(String ref) {
    changing("unpause " + name(ref));
    synchronized (this) {
      ContainerView v = byId.get(id(ref));
      put(with(v, State.RUNNING, 0, 0, false, v.health()));
    }
  }

  @Override
  public void remove(String ref, boolean force, boolean withVolumes) {
    changing("remove " + find(ref).map(ContainerView::name).orElse(ref));
    synchronized (this) {
      find(ref)
          .ifPresent(
              v -> {
                byId.remove(v.id());
                tell(new EngineEvent.ContainerRemoved(v.id(), v.name(), v.labels(), Instant.now()));
              });
    }
  }

  @Override
  public void rename(String ref, String newName) {
    changing("rename " + name(ref) + " " + newName);
    synchronized (this) {
      ContainerView v = byId.get(id(ref));
      put(with(v, v.spec().named(newName)));
    }
  }

  @Override
  public void update(
      String ref,
      Resources resources,
      ContainerSpec.RestartPolicy restart,
      Map<String, String> labels) {
    changing("update " + name(ref));
    synchronized (this) {
      ContainerView v = byId.get(id(ref));
      put(with(v, v.spec().changed(resources, restart, labels)));
    }
  }

  @Override
  public synchronized Optional<ContainerView> find(String ref) {
    return byId.values().stream()
        .filter(v -> v.id().equals(ref) || v.name().equals(ref))
        .findFirst();
  }

  @Override
  public synchronized List<ContainerView> list(Map<String, String> labels) {
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
  public int await(String ref) {
    throw new UnsupportedOperationException();
  }

  @Override
  public StreamSession exec(String ref, ExecSpec spec) {
    throw new UnsupportedOperationException();
  }

  @Override
  public StreamSession attach(String ref, boolean stdin) {
    throw new UnsupportedOperationException();
  }

  @Override
  public LogReader logs(String ref, LogQuery query) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Subscription subscribe(Consumer<EngineEvent> listener) {
    listeners.add(listener);
    return () -> listeners.remove(listener);
  }
}
