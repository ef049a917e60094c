package io.jcompose.engine;

import io.jcompose.core.Activity;
import io.jcompose.core.Containers;
import io.jcompose.core.Contents;
import io.jcompose.core.Events;
import io.jcompose.core.IdMap;
import io.jcompose.core.Images;
import io.jcompose.core.Networks;
import io.jcompose.core.Volumes;
import io.jcompose.core.build.Builds;
import io.jcompose.engine.settings.SettingsFile;
import io.jcompose.engine.settings.SettingsKeys;
import io.jcompose.engine.settings.UserRemap;
import io.jcompose.images.repository.Repositories;

/**
 * The engine of one state root: images, volumes, networks and containers behind core's ports.
 * Opening it takes over what runs since before; closing it leaves all that runs alone. One process
 * at a time may open a state root; the caller holds its lock.
 */
public final class Engine implements AutoCloseable {
  private final EngineParts parts;

  private Engine(EngineParts parts) {
    this.parts = parts;
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
    EngineParts parts = new EngineParts(config, SettingsFile.load(config.configFile()), ids);
    parts.recovery.run();
    parts.builds.recover(); // whose commands have ended by now
    return new Engine(parts);
  }

  public Containers containers() {
    return parts.containers;
  }

  public Activity activity() {
    return parts.activity;
  }

  public Contents contents() {
    return parts.contents;
  }

  public Images images() {
    return parts.images;
  }

  /** What the engine's own registry serves, of the images' store. */
  public Repositories repositories() {
    return parts.modules.images().repositories();
  }

  public Builds builds() {
    return parts.builds;
  }

  public Networks networks() {
    return parts.networks;
  }

  public Volumes volumes() {
    return parts.modules.volumes();
  }

  public Events events() {
    return parts.events;
  }

  @Override
  public void close() {
    parts.close();
  }
}
