package io.jcompose.engine;

import io.jcompose.core.Activity;
import io.jcompose.core.ContainerView;
import io.jcompose.core.Containers;
import io.jcompose.core.Contents;
import io.jcompose.core.Events;
import io.jcompose.core.FileTrees;
import io.jcompose.core.IdMap;
import io.jcompose.core.Images;
import io.jcompose.core.Networks;
import io.jcompose.core.Volumes;
import io.jcompose.images.ImageStore;
import io.jcompose.images.registry.RegistryConfig;
import io.jcompose.network.NetworkConfig;
import io.jcompose.network.NetworkStack;
import io.jcompose.runtime.RuntimeConfig;
import io.jcompose.runtime.Selinux;
import io.jcompose.runtime.TaskRuntime;
import io.jcompose.volumes.VolumeStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The engine of one state root: images, volumes, networks and containers behind core's ports.
 * Opening it takes over what runs since before; closing it leaves all that runs alone. One process
 * at a time may open a state root; the caller holds its lock.
 */
public final class Engine implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Engine.class);
  private static final Duration SWEEPER_LIMIT = Duration.ofSeconds(2);

  private final EngineConfig config;
  private final ContainerStore store;
  private final ImageStore images;
  private final VolumeStore volumes;
  private final NetworkStack network;
  private final TaskRuntime runtime;
  private final HealthMonitor health = new HealthMonitor();
  private final EventHub events = new EventHub();
  private final Launch launch;
  private final EngineContainers containers;
  private final ContainerCommits commits;
  private final Adoption adoption;
  private @Nullable Thread sweeper; // set once, before the engine is given out
  private volatile boolean closed;

  private Engine(EngineConfig config, SettingsFile settings, IdMap ids) {
    this.config = config;
    EngineDefaults defaults = EngineDefaults.of(settings);
    Selinux selinux = selinux(settings);
    this.store = new ContainerStore(config, selinux);
    this.images =
        ImageStore.open(
            config.stateRoot().resolve("images"),
            config.containers(),
            RegistryConfig.load(config.configFile()),
            settings.number("max-concurrent-downloads", 1, 1000),
            this::usersOfImage);
    this.volumes = VolumeStore.open(config.stateRoot().resolve("volumes"), store::usersOfVolume);
    this.network =
        NetworkStack.open(
            NetworkSettings.over(
                NetworkConfig.of(config.stateRoot().resolve("networks"), config.engineId()),
                settings),
            () ->
                store.all().stream()
                    .flatMap(c -> c.record().spec().networking().endpoints().stream()));
    this.runtime =
        TaskRuntime.open(
            new RuntimeConfig(
                config.runRoot().resolve("tasks"),
                config.shim(),
                config.cgroupRoot(),
                config.engineId(),
                RuntimeSettings.runtimes(settings)));
    this.launch =
        new Launch(
            config, images, volumes, network, runtime, selinux, ids, id -> store.get(id).view());
    this.containers =
        new EngineContainers(
            config,
            store,
            images,
            volumes,
            launch,
            new ContainerChecks(runtime, selinux, ids, images, defaults),
            events,
            health);
    this.commits = new ContainerCommits(config, store, images, containers, events);
    events.subscribe(new LifeCycleLog(id -> store.find(id).map(Container::view))::take);
    this.adoption = new Adoption(config, store, runtime, network, containers);
  }

  private static Selinux selinux(SettingsFile settings) {
    boolean wanted = RuntimeSettings.selinux(settings);
    Selinux selinux = Selinux.open(wanted);
    if (wanted && !selinux.works()) {
      LOG.warn("selinux-enabled has no effect: {}", selinux.lack());
    }
    return selinux;
  }

  /** Opens the engine, adopts what runs, and repairs what a crash left. */
  public static Engine open(EngineConfig config) {
    SettingsKeys.check(config.configFile());
    return open(config, UserRemap.load(config.configFile()));
  }

  /**
   * @param ids what stands for users of containers, whatever the config file says
   */
  static Engine open(EngineConfig config, IdMap ids) {
    Engine engine = new Engine(config, SettingsFile.load(config.configFile()), ids);
    engine.adopt();
    return engine;
  }

  public Containers containers() {
    return containers;
  }

  public Activity activity() {
    return new EngineActivity(config, store, events);
  }

  public Contents contents() {
    return new EngineContents(config, store, images, volumes, containers.runs(), commits, events);
  }

  public Images images() {
    return images;
  }

  public Networks networks() {
    return network.networks();
  }

  public Volumes volumes() {
    return volumes;
  }

  public Events events() {
    return events;
  }

  @Override
  public void close() {
    closed = true;
    adoption.close();
    awaitSweeper();
    health.close();
    containers.logs().close();
    runtime.close();
    network.close();
    images.close();
  }

  /** What it does when this ends goes on until the process ends, and may fail then. */
  private void awaitSweeper() {
    try {
      if (sweeper != null) {
        sweeper.join(SWEEPER_LIMIT);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void adopt() {
    List<Path> strays = new ArrayList<>(store.load());
    adoption.adopt(List.copyOf(store.all()));
    network.finishAdoption();
    Set<String> running =
        store.all().stream()
            .filter(c -> c.run() != null)
            .map(Container::id)
            .collect(Collectors.toSet());
    runtime.sweep(running);
    Adoption.attempt("sweep what was given to containers", () -> launch.sweepGivenFiles(running));
    Adoption.attempt("take over volumes in memory", () -> adoptVolumes(running));
    List<Container> ended =
        store.all().stream()
            .filter(c -> c.run() == null && c.record().startedAt() != null)
            .filter(c -> c.record().spec().lifecycle().autoRemove())
            .toList();
    for (Container container : ended) {
      Adoption.attempt("remove " + container.id(), () -> strays.add(store.abandon(container)));
    }
    sweep(strays);
  }

  private void adoptVolumes(Set<String> containers) {
    Map<String, Set<String>> users = new HashMap<>();
    for (String id : containers) {
      for (String volume : store.get(id).record().volumes().values()) {
        users.computeIfAbsent(volume, name -> new HashSet<>()).add(id);
      }
    }
    volumes.adopt(users);
    store.all().stream() // some may have ended while they were told
        .filter(c -> c.run() == null)
        .forEach(c -> launch.releaseVolumes(c.record()));
  }

  /** In the background, for a tree of many files takes long; the next start finds what is left. */
  private void sweep(List<Path> strays) {
    if (strays.isEmpty()) {
      return;
    }
    Runnable work =
        () ->
            strays.stream()
                .takeWhile(stray -> !closed)
                .forEach(stray -> Adoption.attempt("remove " + stray, () -> removeStray(stray)));
    sweeper = Thread.ofPlatform().name("containers-sweep").daemon().start(work);
  }

  private void removeStray(Path directory) {
    LOG.info("removing what an unfinished create or remove left: {}", directory);
    store
        .retired(directory)
        .ifPresent(
            r ->
                r.anonymousVolumes()
                    .forEach(
                        name -> Adoption.attempt("remove " + name, () -> volumes.remove(name))));
    images.removeLayer(String.valueOf(directory.getFileName()));
    try {
      FileTrees.delete(directory);
    } catch (IOException e) {
      throw new UncheckedIOException("failed to remove " + directory, e);
    }
  }

  private List<String> usersOfImage(String imageId) {
    return store.all().stream()
        .filter(c -> c.record().imageId().equals(imageId))
        .map(Container::view)
        .map(ContainerView::name)
        .toList();
  }
}
