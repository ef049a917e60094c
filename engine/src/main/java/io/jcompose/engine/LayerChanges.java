package io.jcompose.engine;

import io.jcompose.core.Contents.Change;
import io.jcompose.core.Contents.Change.Kind;
import io.jcompose.linux.DirectoryFd;
import io.jcompose.linux.FileStatus;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a container's layer changes in the layers below, read from overlayfs's own marks
 * (Documentation/filesystems/overlayfs.rst). What jcompose itself puts there for its mounts is left
 * out, as Docker keeps it in a layer that nobody sees.
 */
final class LayerChanges {
  private static final Set<String> OF_THE_ENGINE =
      Set.of("/dev", "/proc", "/sys", "/.dockerenv", "/etc/mtab");
  private static final Set<String> MOUNTED_FILES =
      Set.of("/etc/hosts", "/etc/hostname", "/etc/resolv.conf");
  private static final String OPAQUE = "trusted.overlay.opaque";

  private final DirectoryFd upper;
  private final DirectoryFd lower;

  LayerChanges(DirectoryFd upper, DirectoryFd lower) {
    this.upper = upper;
    this.lower = lower;
  }

  /** Sorted by path; a directory comes before what is in it. */
  List<Change> list() {
    List<Change> found = of(upper, lower, "");
    found.sort(Comparator.comparing(Change::path));
    return found;
  }

  /** True for a path that the engine made for a mount of its own. */
  static boolean isEngines(String path, FileStatus status) {
    return OF_THE_ENGINE.contains(path)
        || (MOUNTED_FILES.contains(path) && status.isRegular() && status.sizeBytes() == 0);
  }

  private static List<Change> of(DirectoryFd upper, @Nullable DirectoryFd lower, String path) {
    List<Change> found = new ArrayList<>();
    for (byte[] name : upper.list()) {
      String at = path + "/" + new String(name, StandardCharsets.UTF_8);
      FileStatus now = upper.stat(name).orElse(null);
      Optional<FileStatus> before = lower == null ? Optional.empty() : lower.stat(name);
      if (now == null || isEngines(at, now)) {
        continue;
      }
      if (now.isWhiteout()) {
        before.ifPresent(b -> found.add(new Change(Kind.DELETED, at)));
      } else if (now.isDirectory()) {
        found.addAll(directory(upper, lower, name, at, now, before));
      } else {
        found.add(new Change(before.isPresent() ? Kind.MODIFIED : Kind.ADDED, at));
      }
    }
    return found;
  }

  private static List<Change> directory(
      DirectoryFd upper,
      @Nullable DirectoryFd lower,
      byte[] name,
      String path,
      FileStatus now,
      Optional<FileStatus> before) {
    boolean merged = lower != null && before.filter(FileStatus::isDirectory).isPresent();
    List<Change> found = new ArrayList<>();
    try (DirectoryFd own = upper.openDirectory(name);
        DirectoryFd other = merged && lower != null ? lower.openDirectory(name) : null) {
      boolean opaque = Arrays.equals(upper.xattrs(name).get(OPAQUE), new byte[] {'y'});
      found.addAll(of(own, other, path));
      if (opaque && other != null) {
        Set<String> kept = new HashSet<>();
        own.list().forEach(n -> kept.add(new String(n, StandardCharsets.UTF_8)));
        other.list().stream()
            .map(n -> new String(n, StandardCharsets.UTF_8))
            .filter(n -> !kept.contains(n))
            .forEach(n -> found.add(new Change(Kind.DELETED, path + "/" + n)));
      }
    }
    boolean same =
        merged
            && before
                .filter(b -> b.mode() == now.mode() && b.uid() == now.uid() && b.gid() == now.gid())
                .isPresent();
    if (!same || !found.isEmpty()) {
      found.addFirst(new Change(before.isPresent() ? Kind.MODIFIED : Kind.ADDED, path));
    }
    return found;
  }
}
