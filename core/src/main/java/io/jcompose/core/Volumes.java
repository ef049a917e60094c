package io.jcompose.core;

import io.soabase.recordbuilder.core.RecordBuilder;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Named and anonymous volumes of this engine. */
public interface Volumes {
  /** Makes a volume, or returns the one of that name when driver and options agree. */
  VolumeView create(VolumeSpec spec);

  /**
   * Removes a volume and its content; removing what is gone succeeds.
   *
   * @throws JcomposeException.Conflict {@code volume is in use}, naming the containers
   */
  void remove(String name);

  Optional<VolumeView> find(String name);

  /** What a volume's files take, as far as they can be looked at; 0 without it. Takes long. */
  default long bytes(String name) {
    return 0;
  }

  /** Volumes that carry all the labels (an empty value matches any), sorted by name. */
  List<VolumeView> list(Map<String, String> labels);

  /**
   * What a volume shall be.
   *
   * @param name empty makes an anonymous one (64 hex digits)
   * @param driver local; empty is local
   * @param options of the local driver: type, o, device as in man 8 mount
   */
  @RecordBuilder
  record VolumeSpec(
      String name, String driver, Map<String, String> options, Map<String, String> labels)
      implements VolumeSpecBuilder.With {
    public VolumeSpec {
      options = Map.copyOf(options);
      labels = Map.copyOf(labels);
    }
  }

  /** A volume as it is. */
  record VolumeView(VolumeSpec spec, Path mountpoint, Instant createdAt, boolean anonymous) {
    public String name() {
      return spec.name();
    }
  }
}
