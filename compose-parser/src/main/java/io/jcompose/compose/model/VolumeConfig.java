package io.jcompose.compose.model;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A top-level volume.
 *
 * @param key its key in the file
 * @param name its name on the host, {@code <project>_<key>} unless given
 * @param driver empty is local
 */
public record VolumeConfig(
    String key,
    String name,
    String driver,
    Map<String, String> driverOptions,
    boolean external,
    Map<String, String> labels,
    Map<String, @Nullable Object> extensions) {
  public VolumeConfig {
    driverOptions = Copies.ordered(driverOptions);
    labels = Copies.ordered(labels);
    extensions = Copies.ordered(extensions);
  }
}
