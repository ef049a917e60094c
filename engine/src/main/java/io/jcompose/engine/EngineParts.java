package io.jcompose.engine;

import io.jcompose.build.Builder;
import io.jcompose.core.ContainerSpec;
import io.jcompose.core.IdMap;
import io.jcompose.core.Images.ImageView;
import io.jcompose.core.sync.KeyedLock;
import io.jcompose.engine.build.ContainerSteps;
import io.jcompose.engine.content.ContainerCommits;
import io.jcompose.engine.content.ContainerViews;
import io.jcompose.engine.content.EngineContents;
import io.jcompose.engine.create.Provisioning;
import io.jcompose.engine.event.EventHub;
import io.jcompose.engine.event.LifeCycleLog;
import io.jcompose.engine.event.ToldImages;
import io.jcompose.engine.event.ToldNetworks;
import io.jcompose.engine.health.HealthMonitor;
import io.jcompose.engine.launch.ContainerMounts;
import io.jcompose.engine.launch.JoinedContainers;
import io.jcompose.engine.launch.Launch;
import io.jcompose.engine.launch.NamespaceChoice;
import io.jcompose.engine.log.ContainerLogs;
import io.jcompose.engine.log.LogFollowers;
import io.jcompose.engine.record.CommitHold;
import io.jcompose.engine.record.Container;
import io.jcompose.engine.record.ContainerRecord;
import io.jcompose.engine.record.ContainerStore;
import io.jcompose.engine.recovery.Adoption;
import io.jcompose.engine.recovery.Leftovers;
import io.jcompose.engine.recovery.Recovery;
import io.jcompose.engine.recovery.Settlement;
import io.jcompose.engine.run.Connections;
import io.jcompose.engine.run.ContainerSessions;
import io.jcompose.engine.run.EngineActivity;
import io.jcompose.engine.run.EngineContainers;
import io.jcompose.engine.run.PendingAttaches;
import io.jcompose.engine.run.Runs;
import io.jcompose.engine.settings.EngineDefaults;
import io.jcompose.engine.settings.RuntimeSettings;
import io.jcompose.engine.settings.SettingsFile;
import io.jcompose.engine.spec.ContainerChecks;
import io.jcompose.engine.spec.ImageDefaults;
import io.jcompose.runtime.Selinux;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The parts of one engine, made and wired by plain constructors; nothing is taken over yet. Owned
 * by {@link Engine}.
 */
final class EngineParts implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(EngineParts.class);

  final Modules modules;
  final EventHub events = new EventHub();
  final ToldNetworks networks;
  final ToldImages images;
  final EngineContainers containers;
  final EngineContents contents;
  final EngineActivity activity;
  final Recovery recovery;
  private final ContainerStore store;
  private final HealthMonitor health = new HealthMonitor();
  private final ContainerLogs logs;
  private final Runs runs;
  final Builder builds;

  /**
   * @param ids what stands for users of containers, whatever the settings say
   */
  EngineParts(EngineConfig config, SettingsFile settings, IdMap ids) {
    EngineDefaults defaults = EngineDefaults.of(settings);
    Selinux selinux = selinux(settings);
    store = new ContainerStore(config, selinux);
    modules = Modules.open(config, settings, store, events::publish);
    networks = new ToldNetworks(modules.network().networks(), events);
    images = new ToldImages(modules.images(), events);
    ContainerMounts mounts = new ContainerMounts(config, modules.images(), modules.volumes());
    Launch launch = launch(config, selinux, ids, mounts);
    LogFollowers followers = new LogFollowers();
    logs = new ContainerLogs(config, this::env, followers);
    ContainerSessions sessions = sessions(config, followers);
    runs = runs(launch, sessions);
    ContainerChecks checks =
        new ContainerChecks(modules.runtime(), selinux, ids, modules.images(), defaults);
    CommitHold hold = new CommitHold(config);
    Connections connections = new Connections(config, store, modules.network().networks());
    containers = containers(checks, launch, sessions, connections, hold);
    contents = contents(new ContainerViews(config, mounts, others()), config, hold);
    builds =
        new Builder(
            modules.images(),
            config.stateRoot().resolve("build"),
            new ContainerSteps(modules.images(), containers, modules.network().networks()));
    activity = new EngineActivity(config, store, events);
    recovery = recovery(config, mounts, hold);
    events.subscribe(new LifeCycleLog(id -> store.find(id).map(Container::view))::take);
  }

  private static Selinux selinux(SettingsFile settings) {
    boolean wanted = RuntimeSettings.selinux(settings);
    Selinux selinux = Selinux.open(wanted);
    if (wanted && !selinux.works()) {
      LOG.warn("selinux-enabled has no effect: {}", selinux.lack());
    }
    return selinux;
  }

  private Launch launch(EngineConfig config, Selinux selinux, IdMap ids, ContainerMounts mounts) {
    return new Launch(
        config,
        modules.images(),
        modules.network(),
        modules.runtime(),
        selinux,
        mounts,
        new NamespaceChoice(modules.runtime(), ids, others()));
  }

  private JoinedContainers others() {
    return new JoinedContainers(id -> store.get(id));
  }

  private ContainerSessions sessions(EngineConfig config, LogFollowers followers) {
    return new ContainerSessions(
        config,
        store,
        modules.images()::find,
        new PendingAttaches(),
        followers,
        new KeyedLock<>(),
        events);
  }

  private Runs runs(Launch launch, ContainerSessions sessions) {
    return new Runs(
        store, launch, this::healthCheck, sessions, logs, events, health, this::removeEnded);
  }

  private EngineContainers containers(
      ContainerChecks checks,
      Launch launch,
      ContainerSessions sessions,
      Connections connections,
      CommitHold hold) {
    return new EngineContainers(
        store,
        modules.images(),
        new Provisioning(store, modules.images(), modules.volumes()),
        checks,
        launch,
        sessions,
        runs,
        connections,
        hold,
        health);
  }

  private EngineContents contents(ContainerViews views, EngineConfig config, CommitHold hold) {
    return new EngineContents(
        config,
        store,
        modules.images(),
        views,
        runs,
        new ContainerCommits(store, modules.images(), containers, runs, hold, events),
        events);
  }

  private Recovery recovery(EngineConfig config, ContainerMounts mounts, CommitHold hold) {
    Settlement settlement =
        new Settlement(config, store, modules.runtime(), modules.network(), runs, containers, hold);
    return new Recovery(
        store,
        mounts,
        modules.network(),
        modules.runtime(),
        new Adoption(config, modules.runtime(), runs, logs, settlement),
        new Leftovers(store, modules.images(), modules.volumes()));
  }

  private List<String> env(ContainerRecord record) {
    return ImageDefaults.env(record.spec(), image(record));
  }

  private ContainerSpec.@Nullable Health healthCheck(ContainerRecord record) {
    return ImageDefaults.health(record.spec(), image(record));
  }

  private @Nullable ImageView image(ContainerRecord record) {
    return modules.images().find(record.imageId()).orElse(null);
  }

  private void removeEnded(String id) {
    containers.remove(id, false, true);
  }

  /** In reverse; all that runs is left alone, but steps of builds. */
  @Override
  public void close() {
    builds.close();
    recovery.close();
    health.close();
    logs.close();
    modules.close();
  }
}
