package io.jcompose.scheduler;

import io.jcompose.core.ContainerSpec;
import io.jcompose.core.ContainerSpec.MountSpec;
import io.jcompose.core.ContainerView;
import io.jcompose.core.ContainerView.EndpointView;
import io.jcompose.core.ContainerView.HealthStatus;
import io.jcompose.core.ContainerView.State;
import io.jcompose.core.EngineEvent;
import io.jcompose.core.Events;
import io.jcompose.core.Ids;
import io.jcompose.core.Images;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Networks;
import io.jcompose.core.Volumes;
import io.jcompose.core.Volumes.VolumeSpec;
import io.jcompose.core.build.BuildSpec;
import io.jcompose.scheduler.execute.EnginePorts;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;

/**
 * An engine in memory, and what a test lets happen to it. Guarded by itself; {@link #ports} has
 * what the scheduler calls.
 */
public final class FakeEngine implements Events {
  public final Map<String, ContainerView> byId = new HashMap<>();
  public final Map<String, Networks.NetworkView> networks = new TreeMap<>();
  public final Map<String, Volumes.VolumeView> volumes = new TreeMap<>();
  public final Map<String, Images.ImageView> images = new TreeMap<>();
  public final List<BuildSpec> built = new ArrayList<>();
  public final List<String> calls = new ArrayList<>();
  public final List<Consumer<EngineEvent>> listeners = new CopyOnWriteArrayList<>();
  public final Map<String, Duration> pauses = new ConcurrentHashMap<>();

  /** Ids of containers whose end, past or to come, somebody asked for. */
  final Set<String> endRequested = ConcurrentHashMap.newKeySet();

  public final List<String> exitAtOnce = new ArrayList<>();
  public final Map<String, Integer> exitCodes = new HashMap<>();

  /** What its containers' times are told by. */
  public Clock clock = Clock.systemUTC();

  /** Names of services and networks that this machine cannot have. */
  public final List<String> impossible = new ArrayList<>();

  /** What is said of those services. */
  public String complaint = "impossible";

  /** Service names whose health is decided by the test. */
  public final List<String> slowHealth = new ArrayList<>();

  /** Changing calls that still succeed; then the engine "dies". */
  public int callsLeft = Integer.MAX_VALUE;

  /** Changing calls that begin with this fail; empty is none. */
  public String refused = "";

  /** How many of them fail. */
  public int refusals = Integer.MAX_VALUE;

  /** Changing calls that wait for {@link #release}, as they began to. */
  public final List<String> heldCalls = new CopyOnWriteArrayList<>();

  private volatile String held = "";
  private volatile CountDownLatch gate = new CountDownLatch(0);

  /** So far, each with a subnet of its own. */
  int networksMade;

  /** Whether containers do without something. */
  boolean weak;

  Duration delay = Duration.ZERO;

  /** The greatest number of calls that slept at the same time. */
  int mostAtOnce;

  private int sleeping;

  /** From now on changing calls that begin so wait. */
  public void hold(String prefix) {
    gate = new CountDownLatch(1);
    held = prefix;
  }

  /** Lets those that wait go on. */
  public void release() {
    held = "";
    gate.countDown();
  }

  /** Those that wait do so for ever, as calls of an engine that is dead. */
  void forsake() {
    held = "";
    gate = new CountDownLatch(0);
    heldCalls.clear();
  }

  private void waitAtGate(String call) {
    if (held.isEmpty() || !call.startsWith(held)) {
      return;
    }
    heldCalls.add(call);
    try {
      gate.await();
    } catch (InterruptedException e) {
      throw new JcomposeException.Cancelled("interrupted: " + call);
    }
  }

  public FakeEngine image(String reference) {
    return image(reference, "sha256:%064x".formatted(reference.hashCode() & 0xffffffffL));
  }

  public synchronized FakeEngine image(String reference, String id) {
    return image(reference, id, List.of());
  }

  /**
   * @param targets for which the image asks for volumes
   */
  public synchronized FakeEngine image(String reference, String id, List<String> targets) {
    images.put(
        reference,
        new Images.ImageView(
            id,
            List.of(reference),
            List.of(),
            0,
            null,
            "linux/amd64",
            List.of(),
            List.of(),
            List.of(),
            "",
            "",
            List.of(),
            targets,
            Map.of(),
            "",
            null,
            List.of()));
    return this;
  }

  public EnginePorts ports() {
    return new EnginePorts(
        new FakeContainers(this),
        new FakeNetworks(this),
        new FakeVolumes(this),
        new FakeImages(this),
        new FakeBuilds(this));
  }

  /** Its program ends by itself. */
  public synchronized void die(String name, int code) {
    ContainerView view = byId.get(id(name));
    endRequested.remove(view.id());
    boolean again =
        view.spec().lifecycle().restart().wants(code, view.manuallyStopped(), view.restartCount());
    put(
        with(
            view,
            again ? State.RESTARTING : State.EXITED,
            code,
            view.restartCount(),
            view.manuallyStopped(),
            HealthStatus.NONE));
    tell(
        new EngineEvent.ContainerExited(
            view.id(), name, view.labels(), code, false, false, ran(view), Instant.now(clock)));
  }

  /** How long a container has run by now. */
  Duration ran(ContainerView view) {
    Instant began = view.startedAt();
    return began == null ? Duration.ZERO : Duration.between(began, Instant.now(clock));
  }

  public synchronized void health(String name, HealthStatus health) {
    ContainerView view = byId.get(id(name));
    put(with(view, view.state(), 0, view.restartCount(), false, health));
    tell(new EngineEvent.HealthChanged(view.id(), name, view.labels(), health, Instant.now(clock)));
  }

  /** Everything ends without a word, as in a power cut. */
  public synchronized void powerCut() {
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
  public synchronized String text() {
    StringBuilder out = new StringBuilder();
    list(Map.of()).forEach(v -> out.append(v.name()).append(' ').append(v.state()).append('\n'));
    networks.keySet().forEach(n -> out.append("network ").append(n).append('\n'));
    volumes.values().stream()
        .filter(v -> !v.anonymous())
        .forEach(v -> out.append("volume ").append(v.name()).append('\n'));
    return out.toString();
  }

  public synchronized List<String> callsOf(String verb) {
    return calls.stream().filter(c -> c.startsWith(verb + " ")).toList();
  }

  /** Counts a call that changes something; it may be the one at which the engine dies. */
  void changing(String call) {
    waitAtGate(call);
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
      if (!refused.isEmpty() && call.startsWith(refused) && refusals-- > 0) {
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

  public synchronized void put(ContainerView view) {
    byId.put(view.id(), view);
    notifyAll();
  }

  synchronized String id(String ref) {
    return find(ref)
        .map(ContainerView::id)
        .orElseThrow(() -> new JcomposeException.NotFound("No such container: " + ref));
  }

  public ContainerView with(
      ContainerView v, State state, int code, int restarts, boolean manual, HealthStatus health) {
    boolean runs = state == State.RUNNING || state == State.PAUSED;
    boolean begins = runs && !v.isRunning();
    boolean ends = !runs && (v.isRunning() || v.finishedAt() == null);
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
        begins ? Instant.now(clock) : v.startedAt(),
        ends ? Instant.now(clock) : v.finishedAt(),
        restarts,
        manual,
        health,
        endpoints(v.spec(), runs),
        List.of(),
        List.of(),
        v.anonymousVolumes(),
        pauses.getOrDefault(v.name(), v.restartPause()));
  }

  /** As the engine shows them: with a network only while it runs. */
  List<EndpointView> endpoints(ContainerSpec spec, boolean runs) {
    return spec.networking().endpoints().stream()
        .map(
            e -> {
              Networks.NetworkView network = networks.get(e.network());
              String id = runs && network != null ? network.id() : "";
              return new EndpointView(e.network(), id, "", "", "", "", e.aliases());
            })
        .toList();
  }

  /** Makes the volumes without a name, and takes over those that are inherited. */
  public Map<String, String> anonymousVolumes(ContainerSpec spec) {
    Map<String, String> found = new TreeMap<>();
    for (MountSpec mount : spec.mounts()) {
      if (mount instanceof MountSpec.Volume v && (v.name().isEmpty() || v.inherited())) {
        found.put(v.target(), volume(v.name(), true));
      } else if (mount instanceof MountSpec.Volume v) {
        volume(v.name(), false);
      }
    }
    Images.ImageView image = images.get(spec.image());
    for (String target : image == null ? List.<String>of() : image.volumes()) {
      if (spec.mounts().stream().noneMatch(mount -> mount.target().equals(target))) {
        found.put(target, volume("", true));
      }
    }
    return found;
  }

  private String volume(String name, boolean anonymous) {
    String own = name.isEmpty() ? Ids.next() : name;
    VolumeSpec spec = new VolumeSpec(own, "local", Map.of(), Map.of());
    volumes.putIfAbsent(own, new Volumes.VolumeView(spec, Path.of("/v"), Instant.now(), anonymous));
    return own;
  }

  /** Two that run on one anonymous volume would write over each other. */
  void requireOneWriter(ContainerView view) {
    for (ContainerView other : byId.values()) {
      if (other.isRunning()
          && !Collections.disjoint(
              other.anonymousVolumes().values(), view.anonymousVolumes().values())) {
        throw new IllegalStateException(view.name() + " shares a volume with " + other.name());
      }
    }
  }

  /** Volumes that were made without a name. */
  public synchronized List<String> anonymousVolumes() {
    return volumes.values().stream()
        .filter(Volumes.VolumeView::anonymous)
        .map(Volumes.VolumeView::name)
        .toList();
  }

  public synchronized Optional<ContainerView> find(String ref) {
    return byId.values().stream()
        .filter(v -> v.id().equals(ref) || v.name().equals(ref))
        .findFirst()
        .or(() -> byPrefix(ref));
  }

  private Optional<ContainerView> byPrefix(String ref) {
    List<ContainerView> found =
        byId.values().stream().filter(v -> !ref.isEmpty() && v.id().startsWith(ref)).toList();
    return found.size() == 1 ? Optional.of(found.getFirst()) : Optional.empty();
  }

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
  public Subscription subscribe(Consumer<EngineEvent> listener) {
    Consumer<EngineEvent> own = event -> listener.accept(event); // of this subscription alone
    listeners.add(own);
    return () -> listeners.remove(own);
  }
}
