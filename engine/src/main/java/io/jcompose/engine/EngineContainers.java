package io.jcompose.engine;

import io.jcompose.core.ContainerSpec;
import io.jcompose.core.ContainerSpec.MountSpec;
import io.jcompose.core.ContainerView;
import io.jcompose.core.ContainerView.HealthStatus;
import io.jcompose.core.Containers;
import io.jcompose.core.EngineEvent;
import io.jcompose.core.Ids;
import io.jcompose.core.Images.ImageView;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.KeyedLock;
import io.jcompose.core.Rollback;
import io.jcompose.core.StreamSession;
import io.jcompose.core.Volumes.VolumeSpec;
import io.jcompose.core.Volumes.VolumeView;
import io.jcompose.engine.Container.Run;
import io.jcompose.images.ImageStore;
import io.jcompose.network.Sandbox;
import io.jcompose.runtime.Task;
import io.jcompose.runtime.TaskExit;
import io.jcompose.runtime.TaskRuntime;
import io.jcompose.volumes.GivenFiles;
import io.jcompose.volumes.VolumeStore;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The containers of this engine. Transitions of one container take turns by its id; waiting for a
 * process to end happens outside that turn, because recording the end needs it.
 */
final class EngineContainers implements Containers {
  private static final Logger LOG = LoggerFactory.getLogger(EngineContainers.class);
  private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.-]+");
  private static final Duration DEFAULT_STOP_TIMEOUT = Duration.ofSeconds(10);
  private static final Duration KILL_LIMIT = Duration.ofSeconds(10);
  private static final int START_FAILED = 128;

  private final EngineConfig config;
  private final ContainerStore store;
  private final ImageStore images;
  private final VolumeStore volumes;
  private final Launch launch;
  private final EventHub events;
  private final HealthMonitor health;
  private final Attachments attachments = new Attachments();
  private final LogFollowers followers;
  private final KeyedLock<String> locks = new KeyedLock<>();

  EngineContainers(
      EngineConfig config,
      ContainerStore store,
      ImageStore images,
      VolumeStore volumes,
      Launch launch,
      EventHub events,
      HealthMonitor health,
      LogFollowers followers) {
    this.config = config;
    this.store = store;
    this.images = images;
    this.volumes = volumes;
    this.launch = launch;
    this.events = events;
    this.health = health;
    this.followers = followers;
  }

  @Override
  public String create(ContainerSpec spec) {
    if (!NAME.matcher(spec.name()).matches()) {
      throw new JcomposeException.InvalidArgument(
          "Invalid container name ("
              + spec.name()
              + "), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed");
    }
    LogOptions.check(spec.logging());
    TaskRuntime.checkLimits(spec.resources());
    Launch.checkBinds(spec);
    ImageView image = image(spec);
    List<String> command = Merged.command(spec, image);
    Merged.stopSignal(spec, image);
    String id = Ids.next();
    try (Rollback rollback = new Rollback()) {
      store.reserve(spec.name(), id);
      rollback.push("name " + spec.name(), () -> store.release(spec.name(), id));
      Map<String, String> mounted = new LinkedHashMap<>();
      List<String> anonymous = new ArrayList<>();
      provideVolumes(spec, image, mounted, anonymous, rollback);
      Container container =
          new Container(ContainerRecord.created(id, spec, image.id(), command, mounted, anonymous));
      store.put(container);
      rollback.push("container " + id, () -> store.forget(id));
      images.createLayer(id, image.id());
      rollback.push("layer of " + id, () -> images.removeLayer(id));
      fillVolumes(spec, mounted, image.id());
      store.save(container.record());
      rollback.commit();
      events.publish(
          new EngineEvent.ContainerCreated(id, spec.name(), spec.labels(), Instant.now()));
    }
    return id;
  }

  @Override
  public void start(String ref) {
    start(ref, false);
  }

  @Override
  public void restartAfterExit(String ref) {
    start(ref, true);
  }

  @Override
  public void markRestarting(String ref) {
    Container container = store.get(ref);
    locks.run(
        container.id(),
        () -> {
          if (container.run() == null && !container.record().manuallyStopped()) {
            container.restarting(true);
          }
        });
  }

  @Override
  public void stop(String ref, @Nullable Duration timeout, boolean manual) {
    Container container = store.get(ref);
    Run run = requestEnd(container, manual);
    if (run == null) {
      return;
    }
    ContainerSpec spec = container.record().spec();
    ImageView image = images.find(container.record().imageId()).orElse(null);
    run.task().signal(Merged.stopSignal(spec, image));
    if (container.isPaused()) {
      run.task().resume();
    }
    Duration own = spec.lifecycle().stopTimeout();
    Duration limit = timeout != null ? timeout : own != null ? own : DEFAULT_STOP_TIMEOUT;
    if (!run.awaitEnd(limit.isNegative() ? null : limit)) {
      killAndAwait(container, run);
    }
  }

  @Override
  public void kill(String ref, String signal) {
    Container container = store.get(ref);
    int number = Signals.parse(signal);
    ImageView image = images.find(container.record().imageId()).orElse(null);
    boolean ends =
        number == Signals.KILL || number == Merged.stopSignal(container.record().spec(), image);
    Run run = ends ? requestEnd(container, true) : container.run();
    if (run == null) {
      throw new JcomposeException.Conflict(
          "cannot kill container: "
              + container.record().spec().name()
              + ": container "
              + container.id()
              + " is not running");
    }
    if (number == Signals.KILL) {
      killAndAwait(container, run);
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
          Run run = running(container);
          if (container.isPaused()) {
            throw new JcomposeException.Conflict(
                "Container " + container.id() + " is already paused");
          }
          run.task().pause();
          container.paused(true);
        });
  }

  @Override
  public void unpause(String ref) {
    Container container = store.get(ref);
    locks.run(
        container.id(),
        () -> {
          Run run = running(container);
          if (!container.isPaused()) {
            throw new JcomposeException.Conflict("Container " + container.id() + " is not paused");
          }
          run.task().resume();
          container.paused(false);
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
      Run run = requestEnd(container, true);
      if (run != null) {
        killAndAwait(container, run);
      }
    }
    boolean gone =
        locks.locked(
            container.id(),
            () -> {
              if (store.find(container.id()).isEmpty()) {
                return false;
              }
              if (container.run() != null) {
                throw new JcomposeException.Conflict(
                    "cannot remove container \""
                        + name
                        + "\": container is running: stop the container before removing or force"
                        + " remove");
              }
              container.removing();
              discard(container, withVolumes);
              return true;
            });
    if (gone) {
      events.publish(
          new EngineEvent.ContainerRemoved(
              container.id(), name, container.record().spec().labels(), Instant.now()));
    }
  }

  @Override
  public void rename(String ref, String newName) {
    Container container = store.get(ref);
    if (!NAME.matcher(newName).matches()) {
      throw new JcomposeException.InvalidArgument(
          "Invalid container name (" + newName + "), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed");
    }
    locks.run(
        container.id(),
        () -> {
          String old = store.get(container.id()).record().spec().name();
          if (old.equals(newName)) {
            return;
          }
          store.reserve(newName, container.id());
          container.update(container.record().renamed(newName));
          store.save(container.record());
          store.release(old, container.id());
        });
  }

  @Override
  public Optional<ContainerView> find(String ref) {
    return store.find(ref).map(Container::view);
  }

  @Override
  public List<ContainerView> list(Map<String, String> labels) {
    return store.all().stream()
        .map(Container::view)
        .filter(v -> carries(v.labels(), labels))
        .sorted(java.util.Comparator.comparing(ContainerView::name))
        .toList();
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
    Container container = store.get(ref);
    Run run = running(container);
    if (container.isPaused()) {
      throw new JcomposeException.Conflict(
          "Container " + container.id() + " is paused, unpause the container before exec");
    }
    return run.task().exec(complete(container, spec));
  }

  @Override
  public StreamSession attach(String ref, boolean stdin) {
    Container container = store.get(ref);
    return locks.locked(
        container.id(),
        () -> {
          Run run = container.run();
          return run != null
              ? run.task().attach(stdin, true)
              : attachments.expect(container.id(), stdin);
        });
  }

  @Override
  public LogReader logs(String ref, LogQuery query) {
    Container container = store.get(ref);
    if (container.record().spec().logging().driver().equals("none")) {
      throw new JcomposeException.NotSupported(
          "configured logging driver does not support reading");
    }
    return new JsonLogReader(
        Launch.logFile(config.container(container.id())),
        query,
        followers,
        () -> container.run() != null);
  }

  /**
   * Records the end of a task; told once by the runtime, and by the adoption for ends that this
   * engine did not see.
   */
  void ended(Container container, TaskExit exit) {
    locks.run(
        container.id(),
        () -> {
          Run run = container.run();
          health.stop(container.id());
          if (run != null && run.sandbox() != null) {
            tidy("network", container, run.sandbox()::close);
          }
          tidy("files", container, () -> GivenFiles.remove(launch.givenFiles(container.id())));
          container.ended(container.record().ended(exit.code(), exit.oomKilled(), exit.at()));
          tidy("record", container, () -> store.saveVolatile(container.record()));
          if (run != null) {
            run.end().complete(exit.code());
          }
          // Published in the container's turn, so that nobody hears of a start after its end.
          events.publish(exited(container, exit));
        });
    followers.wake();
    if (container.record().spec().lifecycle().autoRemove()) {
      remove(container.id(), false, true);
    }
  }

  private static EngineEvent exited(Container container, TaskExit exit) {
    ContainerSpec spec = container.record().spec();
    return new EngineEvent.ContainerExited(
        container.id(),
        spec.name(),
        spec.labels(),
        exit.code(),
        exit.oomKilled(),
        container.isEndRequested(),
        exit.at());
  }

  /**
   * An end is an end: what cannot be tidied up after it is left to the next start of the engine.
   */
  private static void tidy(String what, Container container, Runnable work) {
    try {
      work.run();
    } catch (RuntimeException e) {
      LOG.warn("{} of the ended container {} is left as it was", what, container.id(), e);
    }
  }

  /**
   * Does the work in the container's turn: an end that the runtime tells meanwhile is recorded
   * after it.
   */
  void inTurn(Container container, Runnable work) {
    locks.run(container.id(), work);
  }

  /** Takes over a task that runs since before this engine's start. */
  void adopted(Container container, Task task, @Nullable Sandbox sandbox) {
    ContainerRecord record = container.record();
    ContainerSpec.Health check =
        Merged.health(record.spec(), images.find(record.imageId()).orElse(null));
    container.started(
        record,
        new Run(task, sandbox, new CompletableFuture<>()),
        check == null ? HealthStatus.NONE : HealthStatus.STARTING);
    if (check != null) {
      health.watch(container.id(), check, task.startedAt(), this);
    }
  }

  /** The health monitor's finding; passed over when the container has ended meanwhile. */
  void healthChanged(String id, HealthStatus status) {
    Optional<Container> found = store.find(id);
    if (found.isEmpty() || found.get().run() == null) {
      return;
    }
    Container container = found.get();
    container.health(status);
    ContainerSpec spec = container.record().spec();
    events.publish(
        new EngineEvent.HealthChanged(id, spec.name(), spec.labels(), status, Instant.now()));
  }

  private void start(String ref, boolean again) {
    Container container = store.get(ref);
    locks.run(
        container.id(),
        () -> {
          boolean gone = store.find(container.id()).isEmpty();
          if (gone && !again) {
            throw new JcomposeException.NotFound("No such container: " + ref);
          }
          if (gone || container.run() != null || (again && !container.isRestarting())) {
            return;
          }
          launch(container, again);
          ContainerSpec spec = container.record().spec();
          events.publish(
              new EngineEvent.ContainerStarted(
                  container.id(), spec.name(), spec.labels(), Instant.now()));
        });
  }

  private void launch(Container container, boolean again) {
    ContainerRecord before = container.record();
    AtomicReference<ContainerRecord> running = new AtomicReference<>(before);
    Attachments.Waiting waiting = attachments.take(container.id());
    CompletableFuture<Integer> end = new CompletableFuture<>();
    try {
      Launch.Launched launched =
          launch.start(
              before,
              (task, exit) -> ended(container, exit),
              sandbox -> {
                ContainerRecord next =
                    before.started(
                        Instant.now(),
                        sandbox == null ? null : sandbox.record(),
                        again ? before.restartCount() + 1 : 0);
                running.set(next);
                store.saveVolatile(next);
              },
              waiting.size());
      ContainerSpec.Health check =
          Merged.health(before.spec(), images.find(before.imageId()).orElse(null));
      container.started(
          running.get(),
          new Run(launched.task(), launched.sandbox(), end),
          check == null ? HealthStatus.NONE : HealthStatus.STARTING);
      waiting.connect(launched.task());
      if (check != null) {
        health.watch(container.id(), check, launched.task().startedAt(), this);
      }
    } catch (RuntimeException e) {
      waiting.fail(e);
      int code = e instanceof JcomposeException.CommandFailed f ? f.exitCode() : START_FAILED;
      container.restarting(false);
      container.update(before.failedToStart(code, String.valueOf(e.getMessage())));
      store.save(container.record());
      throw e;
    }
  }

  /**
   * Marks that the end is wanted, durably when a person wants it; returns the present run or null.
   */
  private @Nullable Run requestEnd(Container container, boolean manual) {
    return locks.<@Nullable Run>locked(
        container.id(),
        () -> {
          if (store.find(container.id()).isEmpty()) {
            return null; // a record written now would bring it back
          }
          container.requestEnd();
          container.restarting(false);
          if (manual && !container.record().manuallyStopped()) {
            container.update(container.record().stoppedByHand(true));
            store.saveVolatile(container.record());
          }
          return container.run();
        });
  }

  private void killAndAwait(Container container, Run run) {
    run.task().killAll();
    if (!run.awaitEnd(KILL_LIMIT)) {
      throw new JcomposeException.Timeout(
          "container "
              + container.record().spec().name()
              + " did not end within "
              + KILL_LIMIT.toSeconds()
              + " s of SIGKILL; a process of it hangs in the kernel");
    }
  }

  private Run running(Container container) {
    Run run = container.run();
    if (run == null) {
      throw new JcomposeException.Conflict("container " + container.id() + " is not running");
    }
    return run;
  }

  private ExecSpec complete(Container container, ExecSpec spec) {
    ContainerRecord record = container.record();
    ImageView image = images.find(record.imageId()).orElse(null);
    return new ExecSpec(
        spec.command(),
        Merged.overlay(Merged.env(record.spec(), image), spec.env()),
        spec.user().isEmpty() ? Merged.user(record.spec(), image) : spec.user(),
        spec.workingDir().isEmpty() ? Merged.workingDir(record.spec(), image) : spec.workingDir(),
        spec.tty(),
        spec.stdin(),
        spec.privileged());
  }

  private ImageView image(ContainerSpec spec) {
    String wanted = spec.imageId().isEmpty() ? spec.image() : spec.imageId();
    return images
        .find(wanted)
        .orElseThrow(() -> new JcomposeException.NotFound("No such image: " + spec.image()));
  }

  private void provideVolumes(
      ContainerSpec spec,
      ImageView image,
      Map<String, String> mounted,
      List<String> anonymous,
      Rollback rollback) {
    List<String> covered = new ArrayList<>();
    for (MountSpec mount : spec.mounts()) {
      covered.add(mount.target());
      if (mount instanceof MountSpec.Volume v) {
        mounted.put(
            v.target(),
            v.name().isEmpty() ? anonymousVolume(anonymous, rollback) : named(v.name(), anonymous));
      }
    }
    for (String target : image.volumes()) {
      if (!covered.contains(target)) {
        mounted.put(target, anonymousVolume(anonymous, rollback));
      }
    }
  }

  /**
   * A volume by its name; one that was made without a name goes on with the container that takes it
   * over.
   */
  private String named(String name, List<String> anonymous) {
    VolumeView volume =
        volumes
            .find(name)
            .orElseGet(() -> volumes.create(new VolumeSpec(name, "", Map.of(), Map.of())));
    if (volume.anonymous()) {
      anonymous.add(name);
    }
    return name;
  }

  private String anonymousVolume(List<String> anonymous, Rollback rollback) {
    String name = volumes.create(new VolumeSpec("", "", Map.of(), Map.of())).name();
    anonymous.add(name);
    rollback.push("anonymous volume " + name, () -> volumes.remove(name));
    return name;
  }

  private void fillVolumes(ContainerSpec spec, Map<String, String> mounted, String imageId) {
    if (mounted.isEmpty()) {
      return;
    }
    List<String> unfilled =
        spec.mounts().stream()
            .filter(m -> m instanceof MountSpec.Volume v && (v.noCopy() || !v.subpath().isEmpty()))
            .map(MountSpec::target)
            .toList();
    List<Path> layers = images.layers(imageId);
    mounted.forEach(
        (target, name) -> {
          if (!unfilled.contains(target)) {
            volumes.fill(name, layers, target);
          }
        });
  }

  private void discard(Container container, boolean withVolumes) {
    ContainerRecord record = container.record();
    // The record goes first: a crash after it leaves a directory without one, which the next start
    // clears away, with the volumes that shall go.
    store.retire(container.id(), withVolumes && !record.anonymousVolumes().isEmpty());
    if (withVolumes) {
      container.removing();
      record.anonymousVolumes().forEach(volumes::remove);
    }
    images.removeLayer(container.id());
    store.deleteDirectory(container.id());
    store.forget(container.id());
    store.release(record.spec().name(), container.id());
    attachments
        .take(container.id())
        .fail(new JcomposeException.NotFound("No such container: " + container.id()));
  }

  private static boolean carries(Map<String, String> has, Map<String, String> wanted) {
    return wanted.entrySet().stream()
        .allMatch(
            w -> {
              String value = has.get(w.getKey());
              return value != null
                  && (w.getValue().isEmpty() || Objects.equals(value, w.getValue()));
            });
  }
}
