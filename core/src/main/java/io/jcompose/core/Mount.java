package io.jcompose.core;

import java.nio.file.Path;
import java.util.List;

/**
 * One mount of a container's file system, with its host side resolved. The runtime carries it out;
 * order is the list's.
 */
public sealed interface Mount {
  /** Absolute path inside the container. */
  String target();

  /**
   * A host file or directory shown at {@code target}.
   *
   * @param propagation mount propagation word of man 8 mount: private, rprivate, shared, rshared,
   *     slave, rslave
   * @param containers the files are the container's: their owners are ids as it has them, whichever
   *     ids of the host stand for them
   * @param inside a path below {@code source} that is shown in its place; whoever mounts it finds
   *     it without following any link, for containers may make some there; empty for the source
   *     itself
   */
  record Bind(
      Path source,
      String target,
      boolean readOnly,
      boolean recursive,
      String propagation,
      boolean containers,
      String inside)
      implements Mount {
    /** The source itself. */
    public Bind(
        Path source,
        String target,
        boolean readOnly,
        boolean recursive,
        String propagation,
        boolean containers) {
      this(source, target, readOnly, recursive, propagation, containers, "");
    }

    /** Files of the host, which belong to whom they belong there. */
    public Bind(
        Path source, String target, boolean readOnly, boolean recursive, String propagation) {
      this(source, target, readOnly, recursive, propagation, false);
    }
  }

  /**
   * An empty file system in memory.
   *
   * @param options mount data and flags as in man 5 tmpfs, comma-separated: {@code
   *     size=64m,mode=1777,noexec}; may be empty
   */
  record Tmpfs(String target, String options) implements Mount {}

  /**
   * A union of image layers with a read-write layer of its own (man 8 mount, overlay).
   *
   * @param lower image layers, topmost first; at least one
   * @param upper the container's own layer
   * @param work the kernel's scratch directory, on the file system of {@code upper}
   */
  record Overlay(List<Path> lower, Path upper, Path work, String target) implements Mount {
    public Overlay {
      lower = List.copyOf(lower);
    }
  }
}
