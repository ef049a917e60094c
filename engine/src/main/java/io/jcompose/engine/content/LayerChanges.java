package io.jcompose.engine.content;

import io.jcompose.core.Contents.Change;
import io.jcompose.core.Contents.Change.Kind;
import io.jcompose.core.JcomposeException;
import io.jcompose.linux.KernelException;
import io.jcompose.linux.file.DirectoryFd;
import io.jcompose.linux.file.DirectoryNames;
import io.jcompose.linux.file.FileStatus;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import jnr.constants.platform.Errno;
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

  private static final int DEPTH_LIMIT = 120; // of an image's layer too
  private static final int MEMORY = 16 << 20;
  private static final int COST = 96; // of a change beside its path

  private final DirectoryFd upper;
  private final DirectoryFd lower;
  private int memory = MEMORY;
  private int depth;

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

  private List<Change> of(DirectoryFd upper, @Nullable DirectoryFd lower, String path) {
    if (++depth > DEPTH_LIMIT) {
      throw new JcomposeException.NotSupported(
          path + " is more than " + DEPTH_LIMIT + " directories deep");
    }
    List<Change> found = new ArrayList<>();
    try (DirectoryNames names = upper.names()) {
      for (List<byte[]> some = names.next(); !some.isEmpty(); some = names.next()) {
        add(some, upper, lower, path, found);
      }
    } finally {
      depth--;
    }
    return found;
  }

  private void add(
      List<byte[]> names,
      DirectoryFd upper,
      @Nullable DirectoryFd lower,
      String path,
      List<Change> found) {
    for (byte[] name : names) {
      String at = path + "/" + new String(name, StandardCharsets.UTF_8);
      FileStatus now = upper.stat(name).orElse(null);
      Optional<FileStatus> before = lower == null ? Optional.empty() : lower.stat(name);
      if (now == null || isEngines(at, now)) {
        continue;
      }
      if (now.isWhiteout()) {
        before.ifPresent(b -> found.add(change(Kind.DELETED, at)));
      } else if (now.isDirectory()) {
        try {
          found.addAll(directory(upper, lower, name, at, now, before));
        } catch (KernelException e) {
          if (!isGone(e)) {
            throw e;
          }
        }
      } else {
        found.add(change(before.isPresent() ? Kind.MODIFIED : Kind.ADDED, at));
      }
    }
  }

  /** Removed or replaced since it was looked at: the container may run. */
  private static boolean isGone(KernelException e) {
    return e.is(Errno.ENOENT) || e.is(Errno.ENOTDIR) || e.is(Errno.ELOOP);
  }

  /** What an opaque directory has of the image's no more. */
  private void hidden(DirectoryFd own, DirectoryFd image, String path, List<Change> found) {
    try (DirectoryNames names = image.names()) {
      for (List<byte[]> some = names.next(); !some.isEmpty(); some = names.next()) {
        some.stream()
            .filter(name -> own.stat(name).isEmpty())
            .map(name -> path + "/" + new String(name, StandardCharsets.UTF_8))
            .forEach(at -> found.add(change(Kind.DELETED, at)));
      }
    }
  }

  /** Programs may change more than memory holds. */
  private Change change(Kind kind, String path) {
    memory -= COST + path.length();
    if (memory < 0) {
      throw new JcomposeException.NotSupported(
          "the container changed more files than can be listed; export shows all of them");
    }
    return new Change(kind, path);
  }

  private List<Change> directory(
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
        hidden(own, other, path, found);
      }
    }
    boolean same =
        merged
            && before
                .filter(b -> b.mode() == now.mode() && b.uid() == now.uid() && b.gid() == now.gid())
                .isPresent();
    if (!same || !found.isEmpty()) {
      found.addFirst(change(before.isPresent() ? Kind.MODIFIED : Kind.ADDED, path));
    }
    return found;
  }
}
