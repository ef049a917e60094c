package io.jcompose.runtime.compile;

import io.jcompose.core.JcomposeException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The mounts of this process's mount namespace: man 5 proc, mountinfo. Immutable. */
record MountTable(List<Entry> entries) {
  private static final int MOUNT_POINT = 4;
  private static final int OPTIONAL = 6;

  /** A mount point and its optional fields, which have its propagation. */
  record Entry(Path at, List<String> optional) {
    boolean isShared() {
      return optional.stream().anyMatch(field -> field.startsWith("shared:"));
    }

    boolean isSlave() {
      return optional.stream().anyMatch(field -> field.startsWith("master:"));
    }
  }

  MountTable {
    entries = List.copyOf(entries);
  }

  static MountTable read() {
    try {
      return parse(Files.readAllLines(Path.of("/proc/self/mountinfo")));
    } catch (IOException e) {
      throw new UncheckedIOException("failed to read the mounts", e);
    }
  }

  static MountTable parse(List<String> lines) {
    List<Entry> entries = new ArrayList<>();
    for (String line : lines) {
      List<String> fields = List.of(line.split(" "));
      int dash = fields.indexOf("-");
      if (dash >= OPTIONAL) {
        entries.add(
            new Entry(
                Path.of(fields.get(MOUNT_POINT).replace("\\040", " ")),
                fields.subList(OPTIONAL, dash)));
      }
    }
    return new MountTable(entries);
  }

  /** The mount that a path lies on; the last one of several at a place is on top. */
  Entry of(Path path) {
    Entry found = new Entry(Path.of("/"), List.of());
    for (Entry entry : entries) {
      if (path.startsWith(entry.at) && entry.at.getNameCount() >= found.at.getNameCount()) {
        found = entry;
      }
    }
    return found;
  }

  /**
   * Refuses a bind mount whose propagation its source cannot give.
   *
   * @throws JcomposeException.InvalidArgument in Docker's words
   */
  void checkPropagation(Path source, boolean shared) {
    Entry mount = of(source);
    if (mount.isShared() || (!shared && mount.isSlave())) {
      return;
    }
    throw new JcomposeException.InvalidArgument(
        "path "
            + source
            + " is mounted on "
            + mount.at
            + " but it is not a "
            + (shared ? "shared mount" : "shared or slave mount"));
  }
}
