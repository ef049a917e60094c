package io.jcompose.compose.model;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One entry of a service's {@code volumes}. Targets are absolute, cleaned container paths. */
public sealed interface MountConfig {
  String target();

  boolean readOnly();

  /**
   * A named or anonymous volume.
   *
   * @param source key under the top-level {@code volumes}, empty for an anonymous one
   * @param subpath a directory inside the volume, or empty
   */
  record Volume(
      String source,
      String target,
      boolean readOnly,
      boolean noCopy,
      String subpath,
      Map<String, String> labels)
      implements MountConfig {
    public Volume {
      labels = Copies.ordered(labels);
    }
  }

  /**
   * A host path.
   *
   * @param propagation empty is rprivate
   * @param recursive empty, enabled, disabled, writable or readonly
   * @param selinux empty, z or Z
   */
  record Bind(
      String source,
      String target,
      boolean readOnly,
      boolean createHostPath,
      String propagation,
      String recursive,
      String selinux,
      String consistency)
      implements MountConfig {}

  /**
   * Memory.
   *
   * @param sizeBytes 0 is half of the memory
   * @param mode permission bits, null is 01777
   */
  record Tmpfs(String target, boolean readOnly, long sizeBytes, @Nullable Integer mode)
      implements MountConfig {}

  /** The file system of an image. */
  record Image(String source, String target, boolean readOnly, String subpath)
      implements MountConfig {}

  /** A cluster (CSI) volume. */
  record Cluster(String source, String target, boolean readOnly) implements MountConfig {}

  /** A Windows named pipe. */
  record NamedPipe(String source, String target, boolean readOnly) implements MountConfig {}
}
