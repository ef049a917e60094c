package io.jcompose.api;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;

/**
 * What the engine tells about itself. Immutable.
 *
 * @param config its file of settings; need not exist
 * @param supervisor who started it: {@code systemd}, {@code a command}, {@code hand}
 * @param labels of its settings
 */
public record EngineInfo(
    String version,
    Path stateRoot,
    Path runRoot,
    Path config,
    String supervisor,
    List<String> labels,
    Instant started) {
  public EngineInfo {
    labels = List.copyOf(labels);
  }
}
