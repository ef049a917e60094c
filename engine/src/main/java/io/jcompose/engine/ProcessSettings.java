package io.jcompose.engine;

import io.jcompose.core.JcomposeException;
import io.jcompose.engine.settings.SettingsFile;
import io.jcompose.engine.settings.SettingsKeys;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The settings for the engine's process itself, which are needed before the engine is opened: where
 * its state is, and what its log has. Immutable.
 *
 * @param dataRoot the state root; empty leaves it where it is
 * @param logLevel {@code debug}, {@code info}, {@code warn} or {@code error}
 * @param labels the engine's own, {@code key=value}, shown by {@code system info}
 */
public record ProcessSettings(Optional<Path> dataRoot, String logLevel, List<String> labels) {
  private static final Logger LOG = LoggerFactory.getLogger(ProcessSettings.class);
  private static final Set<String> LEVELS = Set.of("debug", "info", "warn", "error");

  public ProcessSettings {
    labels = List.copyOf(labels);
  }

  /**
   * Reads the engine's file of settings, after all of its keys were checked.
   *
   * @throws JcomposeException.InvalidArgument for a file that an engine does not start with
   */
  public static ProcessSettings load(Path engineJson) {
    SettingsKeys.check(engineJson);
    SettingsFile settings = SettingsFile.load(engineJson);
    if (settings.get("live-restore").isBoolean() && !settings.flag("live-restore")) {
      LOG.warn("{}: live-restore: containers run on without the engine all the same", engineJson);
    }
    return new ProcessSettings(dataRoot(settings), level(settings), settings.texts("labels"));
  }

  private static Optional<Path> dataRoot(SettingsFile settings) {
    String text = settings.text("data-root");
    if (text.isEmpty()) {
      return Optional.empty();
    }
    if (!text.startsWith("/")) {
      throw settings.wrong("data-root", "give an absolute path, not \"" + text + "\"");
    }
    return Optional.of(Path.of(text).normalize());
  }

  private static String level(SettingsFile settings) {
    String level = settings.text("log-level").toLowerCase(Locale.ROOT);
    if (level.isEmpty()) {
      return settings.flag("debug") ? "debug" : "info";
    }
    if (level.equals("fatal") || level.equals("panic")) {
      return "error";
    }
    if (!LEVELS.contains(level)) {
      throw settings.wrong("log-level", "give debug, info, warn or error, not \"" + level + "\"");
    }
    return level;
  }
}
