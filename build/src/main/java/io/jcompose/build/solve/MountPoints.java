package io.jcompose.build.solve;

import io.jcompose.images.BuildLayers;
import io.jcompose.linux.KernelException;
import io.jcompose.linux.file.DirectoryFd;
import io.jcompose.linux.file.FileStatus;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a command's mounts were put on and no layer had before: made for them, and no part of what
 * the command wrote. Only what is empty goes.
 */
final class MountPoints {
  private static final List<String> ENGINES =
      List.of(
          "/dev",
          "/proc",
          "/sys",
          "/.dockerenv",
          "/etc/hosts",
          "/etc/hostname",
          "/etc/resolv.conf",
          "/etc/mtab",
          "/dev/shm",
          "/sys/fs/cgroup");

  private MountPoints() {}

  static void remove(BuildLayers.Work work, List<String> targets) {
    List<String> all = new ArrayList<>(ENGINES);
    all.addAll(targets);
    try (DirectoryFd upper = DirectoryFd.open(work.upper())) {
      all.stream()
          .distinct()
          .sorted((a, b) -> b.length() - a.length())
          .forEach(target -> remove(upper, work, target.replaceFirst("^/+", "")));
    }
  }

  private static void remove(DirectoryFd upper, BuildLayers.Work work, String path) {
    int cut = path.lastIndexOf('/');
    String parent = cut < 0 ? "" : path.substring(0, cut);
    try (DirectoryFd directory = upper.openInRoot(raw(parent))) {
      byte[] name = raw(path.substring(cut + 1));
      Optional<FileStatus> there = directory.stat(name);
      if (there.isEmpty() || isBelow(work, path) || !isEmpty(there.get())) {
        return;
      }
      if (there.get().isDirectory()) {
        directory.rmdir(name); // fails where it is not empty
      } else {
        directory.unlink(name);
      }
    } catch (KernelException e) {
      return; // not there, or the command's own
    }
    if (!parent.isEmpty()) {
      remove(upper, work, parent);
    }
  }

  private static boolean isEmpty(FileStatus status) {
    return status.isDirectory()
        || status.isSymlink()
        || (status.isRegular() && status.sizeBytes() == 0);
  }

  private static boolean isBelow(BuildLayers.Work work, String path) {
    return work.lower().stream()
        .anyMatch(
            layer -> {
              int cut = path.lastIndexOf('/');
              try (DirectoryFd root = DirectoryFd.open(layer);
                  DirectoryFd parent =
                      root.openInRoot(raw(cut < 0 ? "" : path.substring(0, cut)))) {
                return parent.stat(raw(path.substring(cut + 1))).isPresent();
              } catch (KernelException e) {
                return false;
              }
            });
  }

  private static byte[] raw(String utf8) {
    return utf8.getBytes(StandardCharsets.UTF_8);
  }
}
