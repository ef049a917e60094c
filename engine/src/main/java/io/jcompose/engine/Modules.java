package io.jcompose.engine;

import io.jcompose.core.EngineEvent;
import io.jcompose.engine.record.ContainerStore;
import io.jcompose.engine.settings.NetworkSettings;
import io.jcompose.engine.settings.RuntimeSettings;
import io.jcompose.engine.settings.SettingsFile;
import io.jcompose.images.ImageStore;
import io.jcompose.images.registry.RegistryConfig;
import io.jcompose.network.NetworkConfig;
import io.jcompose.network.NetworkStack;
import io.jcompose.runtime.RuntimeConfig;
import io.jcompose.runtime.TaskRuntime;
import io.jcompose.volumes.VolumeStore;
import java.util.function.Consumer;

/** The modules below the engine, opened on its state root by its settings. Owned by the engine. */
record Modules(ImageStore images, VolumeStore volumes, NetworkStack network, TaskRuntime runtime)
    implements AutoCloseable {
  /**
   * Opens them.
   *
   * @param store knows which containers use what
   * @param told hears of volumes that come and go
   */
  static Modules open(
      EngineConfig config,
      SettingsFile settings,
      ContainerStore store,
      Consumer<EngineEvent> told) {
    return new Modules(
        images(config, settings, store),
        VolumeStore.open(config.stateRoot().resolve("volumes"), store::usersOfVolume, told),
        network(config, settings, store),
        runtime(config, settings));
  }

  private static ImageStore images(
      EngineConfig config, SettingsFile settings, ContainerStore store) {
    return ImageStore.open(
        config.stateRoot().resolve("images"),
        config.containers(),
        RegistryConfig.load(config.configFile()),
        settings.number("max-concurrent-downloads", 1, 1000),
        store::usersOfImage);
  }

  private static NetworkStack network(
      EngineConfig config, SettingsFile settings, ContainerStore store) {
    NetworkConfig own = NetworkConfig.of(config.stateRoot().resolve("networks"), config.engineId());
    return NetworkStack.open(
        NetworkSettings.over(own, settings),
        () ->
            store.all().stream().flatMap(c -> c.record().spec().networking().endpoints().stream()));
  }

  private static TaskRuntime runtime(EngineConfig config, SettingsFile settings) {
    return TaskRuntime.open(
        new RuntimeConfig(
            config.runRoot().resolve("tasks"),
            config.shim(),
            config.cgroupRoot(),
            RuntimeSettings.runtimes(settings)));
  }

  @Override
  public void close() {
    runtime.close();
    network.close();
    images.close();
  }
}
