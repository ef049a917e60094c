package io.jcompose.engine.run;

import io.jcompose.core.ContainerSpec;
import io.jcompose.core.ContainerView;
import io.jcompose.core.Containers;
import io.jcompose.core.EngineEvent;
import io.jcompose.core.Ids;
import io.jcompose.core.Images.ImageView;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Networking.EndpointSpec;
import io.jcompose.core.Networks.NetworkView;
import io.jcompose.core.Resources;
import io.jcompose.core.StreamSession;
import io.jcompose.core.sync.KeyedLock;
import io.jcompose.engine.create.Provisioning;
import io.jcompose.engine.event.EventHub;
import io.jcompose.engine.event.ToldNetworks;
import io.jcompose.engine.health.HealthMonitor;
import io.jcompose.engine.launch.Launching;
import io.jcompose.engine.record.CommitHold;
import io.jcompose.engine.record.Container;
import io.jcompose.engine.record.Container.Run;
import io.jcompose.engine.record.ContainerRecord;
import io.jcompose.engine.record.ContainerStore;
import io.jcompose.engine.record.RunRecord;
import io.jcompose.engine.spec.ContainerChecks;
import io.jcompose.engine.spec.ImageDefaults;
import io.jcompose.engine.spec.Signals;
import io.jcompose.images.ImageStore;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The containers of this engine. Transitions of one container take turns by its id; waiting for a
 * process to end happens outside that turn, because recording the end needs it.
 */
public final class EngineContainers implements Containers {
  private static final Duration DEFAULT_STOP_TIMEOUT = Duration.ofSeconds(10);

  private final ContainerStore store;
  private final ImageStore images;
  private final Provisioning provisioning;
  private final ContainerChecks checks;
  private final Launching launching;
  private final ContainerSessions sessions;
  private final Runs runs;
  private final Connections connections;
  private final CommitHold hold;
  private final HealthMonitor health;
  private final EventHub events;
  private final KeyedLock<String> locks;

  public EngineContainers(
      ContainerStore store,
      ImageStore images,
      Provisioning provisioning,
      ContainerChecks checks,
      Launching launching,
      ContainerSessions sessions,
      Runs runs,
      Connections connections,
      CommitHold hold,
      HealthMonitor health) {
    this.store = store;
    this.images = images;
    this.provisioning = provisioning;
    this.checks = checks;
    this.launching = launching;
    this.sessions = sessions;
    this.runs = runs;
    this.connections = connections;
    this.hold = hold;
    this.health = health;
    this.events = sessions.events();
    this.locks = sessions.locks();
  }

  @Override
  public List<JcomposeException> problems(ContainerSpec spec) {
    return checks.problems(spec);
  }

  @Override
  public List<String> warnings(ContainerSpec spec) {
    return checks.warnings(spec);
  }

  @Override
  public ContainerSpec completed(ContainerSpec spec) {
    return checks.completed(spec);
  }

  @Override
  public String create(ContainerSpec asked) {
    launching.expect();
    ContainerSpec spec = checks.completed(asked);
    ContainerChecks.requireName(spec.name());
    List<JcomposeException> problems = checks.problems(spec);
    if (!problems.isEmpty()) {
      throw problems.getFirst();
    }
    String id = Ids.next();
    // in its turn: whoever finds it meanwhile waits until it is whole
    locks.run(id, () -> provisioning.make(id, spec));
    events.publish(new EngineEvent.ContainerCreated(id, spec.name(), spec.labels(), Instant.now()));
    return id;
  }

  @Override
  public void start(String ref) {
    runs.start(ref, false);
  }

  @Override
  public void restarted(String ref) {
    events.acted(store.get(ref), "restart", Map.of());
  }

  @Override
  public void restartAfterExit(String ref) {
    runs.start(ref, true);
  }

  @Override
  public void markRestarting(String ref, Duration pause) {
    Container container = store.get(ref);
    locks.run(
        container.id(),
        () -> {
          RunRecord last = container.record().run();
          boolean wanted = container.isRestarting() || !container.isEndRequested();
          if (container.run() == null && wanted && !last.manuallyStopped()) {
            container.restarting(true);
            container.update(last.waiting(pause));
            store.saveRun(container.record());
          }
        });
  }

  @Override
  public void markEnded(String ref) {
    Container container = store.get(ref);
    locks.run(container.id(), () -> container.restarting(false));
  }

  @Override
  public void stop(String ref, @Nullable Duration timeout, boolean manual) {
    stop(ref, "", timeout, manual);
  }

  @Override
  public void stop(String ref, String signal, @Nullable Duration timeout, boolean manual) {
    Container container = store.get(ref);
    int first = stopSignal(container, signal);
    boolean waits = container.isRestarting();
    Run run = runs.requestEnd(container, manual);
    if (run != null) {
      stop(container, run, first, timeout);
    } else if (waits) {
      events.acted(container, "stop", Map.of()); // no end event says that it starts no more
    }
  }

  @Override
  public void stopForRestart(String ref) {
    stopForRestart(ref, "", null);
  }

  @Override
  public void stopForRestart(String ref, String signal, @Nullable Duration timeout) {
    Container container = store.get(ref);
    int first = stopSignal(container, signal);
    Run run = runs.requestEnd(container, false, true);
    if (run != null) {
      stop(container, run, first, timeout);
    }
  }

  private int stopSignal(Container container, String asked) {
    ImageView image = images.find(container.record().imageId()).orElse(null);
    return asked.isEmpty()
        ? ImageDefaults.stopSignal(container.record().spec(), image)
        : Signals.parse(asked);
  }

  private void stop(Container container, Run run, int signal, @Nullable Duration timeout) {
    events.acted(container, "kill", Map.of("signal", String.valueOf(signal)));
    run.task().signal(signal);
    if (container.isPaused()) {
      run.task().resume();
    }
    Duration own = container.record().spec().lifecycle().stopTimeout();
    Duration limit = timeout != null ? timeout : own != null ? own : DEFAULT_STOP_TIMEOUT;
    if (!run.awaitEnd(limit.isNegative() ? null : limit)) {
      events.acted(container, "kill", Map.of("signal", String.valueOf(Signals.KILL)));
      runs.killAndAwait(container, run);
    }
    events.acted(container, "stop", Map.of());
  }

  @Override
  public void kill(String ref, String signal) {
    Container container = store.get(ref);
    int number = Signals.parse(signal);
    boolean ends = number == Signals.KILL || number == stopSignal(container, "");
    Run run = ends ? runs.requestEnd(container, true) : container.run();
    if (run == null) {
      throw new JcomposeException.Conflict(
          "cannot kill container: "
              + container.record().spec().name()
              + ": container "
              + container.id()
              + " is not running");
    }
    events.acted(container, "kill", Map.of("signal", String.valueOf(number)));
    if (number == Signals.KILL) {
      runs.killAndAwait(container, run);
    } else {
      run.task().signal(number);
    }
  }

  @Override
  public void pause(String ref) {
    Container container = store.get(ref);
    locks.run(
        container.id(),
        () -> {
          Run run = container.running();
          if (container.isPaused()) {
            throw new JcomposeException.Conflict(
                "Container " + container.id() + " is already paused");
          }
          // First, so that no probe fails because of it.
          health.pause(container.id());
          try {
            run.task().pause();
          } catch (RuntimeException e) {
            health.resume(container.id());
            throw e;
          }
          container.paused(true);
          events.acted(container, "pause", Map.of());
        });
  }

  @Override
  public void unpause(String ref) {
    Container container = store.get(ref);
    locks.run(
        container.id(),
        () -> {
          Run run = container.running();
          if (!container.isPaused()) {
            throw new JcomposeException.Conflict("Container " + container.id() + " is not paused");
          }
          run.task().resume();
          container.paused(false);
          health.resume(container.id());
          hold.forget(container.id()); // the next pause is a user's
          events.acted(container, "unpause", Map.of());
        });
  }

  @Override
  public void remove(String ref, boolean force, boolean withVolumes) {
    Optional<Container> found = store.find(ref);
    if (found.isEmpty()) {
      return;
    }
    Container container = found.get();
    String name = container.record().spec().name();
    if (force) {
      Run run = runs.requestEnd(container, true);
      if (run != null) {
        runs.killAndAwait(container, run);
      }
    }
    if (locks.locked(container.id(), () -> discard(container, withVolumes))) {
      events.publish(
          new EngineEvent.ContainerRemoved(
              container.id(), name, container.record().spec().labels(), Instant.now()));
    }
  }

  /** In its turn; false when it is gone already. */
  private boolean discard(Container container, boolean withVolumes) {
    if (store.find(container.id()).isEmpty()) {
      return false;
    }
    requireEnded(container);
    container.removing();
    provisioning.discard(container, withVolumes);
    sessions
        .pendingAttaches()
        .take(container.id())
        .fail(new JcomposeException.NotFound("No such container: " + container.id()));
    return true;
  }

  private static void requireEnded(Container container) {
    if (container.isPaused()) {
      throw new JcomposeException.Conflict(
          "cannot remove container \""
              + container.record().spec().name()
              + "\": container is paused and must be unpaused first");
    }
    if (container.run() != null || container.isRestarting()) {
      throw new JcomposeException.Conflict(
          "cannot remove container \""
              + container.record().spec().name()
              + "\": container is "
              + (container.run() != null ? "running" : "restarting")
              + ": stop the container before removing or force remove");
    }
  }

  @Override
  public void rename(String ref, String newName) {
    Container container = store.get(ref);
    ContainerChecks.requireName(newName);
    locks.run(
        container.id(),
        () -> {
          String old = store.get(container.id()).record().spec().name();
          if (old.equals(newName)) {
            return;
          }
          store.reserve(newName, container.id());
          ContainerRecord next = container.record().renamed(newName);
          try {
            store.save(next);
          } catch (RuntimeException e) {
            store.release(newName, container.id());
            throw e;
          }
          container.update(next);
          store.release(old, container.id());
          events.acted(container, "rename", Map.of("oldName", "/" + old));
        });
  }

  @Override
  public void update(
      String ref,
      Resources resources,
      ContainerSpec.RestartPolicy restart,
      Map<String, String> labels) {
    Container container = store.get(ref);
    ContainerRecord planned = container.record().withLimits(resources, restart, labels);
    List<JcomposeException> problems = checks.problems(planned.spec());
    if (!problems.isEmpty()) {
      throw problems.getFirst();
    }
    locks.run(
        container.id(),
        () -> {
          ContainerRecord before = store.get(container.id()).record();
          change(container, before, before.withLimits(resources, restart, labels));
        });
  }

  private void change(Container container, ContainerRecord before, ContainerRecord next) {
    Resources resources = next.spec().resources();
    Run run = container.run();
    if (run != null && !before.spec().resources().equals(resources)) {
      run.task().update(before.spec().resources(), resources);
    }
    // After the kernel: a crash in between leaves the old labels, by which the next `up` sees that
    // the container is to be updated still, and writes the same values again.
    store.save(next);
    container.update(next);
    events.acted(container, "update", Map.of());
  }

  @Override
  public void connect(String ref, EndpointSpec endpoint) {
    Container container = store.get(ref);
    locks.run(container.id(), () -> connections.connect(container, endpoint));
    if (container.run() != null) {
      tellNetwork(connections.network(endpoint.network()), container, "connect");
    }
  }

  private void tellNetwork(Optional<NetworkView> network, Container container, String action) {
    network.ifPresent(
        found -> {
          Map<String, String> attributes = new TreeMap<>(ToldNetworks.attributes(found.spec()));
          attributes.put("container", container.id());
          events.publish(EngineEvent.ObjectChanged.of("network", found.id(), action, attributes));
        });
  }

  @Override
  public void disconnect(String ref, String network) {
    Container container = store.get(ref);
    Optional<NetworkView> left = connections.network(network);
    locks.run(container.id(), () -> connections.disconnect(container, network));
    if (container.run() != null) {
      tellNetwork(left, container, "disconnect");
    }
  }

  @Override
  public Optional<ContainerView> find(String ref) {
    return store.find(ref).map(Container::view);
  }

  @Override
  public List<ContainerView> list(Map<String, String> labels) {
    return store.views(labels);
  }

  @Override
  public int await(String ref) {
    Container container = store.get(ref);
    Run run = container.run();
    if (run != null) {
      run.awaitEnd(null);
    }
    return container.record().exitCode();
  }

  @Override
  public StreamSession exec(String ref, ExecSpec spec) {
    return sessions.exec(ref, spec);
  }

  @Override
  public StreamSession attach(String ref, boolean stdin) {
    return sessions.attach(ref, stdin);
  }

  @Override
  public LogReader logs(String ref, LogQuery query) {
    return sessions.logs(ref, query);
  }
}
