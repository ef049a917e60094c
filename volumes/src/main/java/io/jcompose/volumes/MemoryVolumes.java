package io.jcompose.volumes;

import io.jcompose.core.IdMap;
import io.jcompose.core.JcomposeException;
import io.jcompose.linux.KernelException;
import io.jcompose.linux.file.DirectoryFd;
import io.jcompose.linux.file.FileStatus;
import io.jcompose.linux.mount.MemoryMount;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The volumes that are file systems in memory: each is mounted on its data's directory with the
 * first container that runs with it, shared by all of them, and unmounted with the last. The mount
 * outlives the engine. Calls for one volume come one at a time, under its name's lock.
 */
final class MemoryVolumes {
  private final Map<String, Set<String>> users = new ConcurrentHashMap<>();

  /**
   * @param ids of the container; the directory belongs to whom its options say, as it has them
   */
  void acquire(String name, Path data, String options, String container, IdMap ids) {
    if (!MemoryMount.isMounted(data)) {
      try {
        MemoryMount.mount(data, options);
        own(data, ids);
      } catch (KernelException e) {
        throw new JcomposeException.InvalidArgument(
            "volume " + name + ": failed to mount local volume: " + e.getMessage(), e);
      }
    }
    users.computeIfAbsent(name, n -> new HashSet<>()).add(container);
  }

  /** Does nothing for a container that does not use it. */
  void release(String name, Path data, String container) {
    Set<String> left = users.get(name);
    if (left != null && left.remove(container) && left.isEmpty()) {
      drop(name, data);
    }
  }

  /** Takes over from an engine before this one. */
  void adopt(String name, Path data, Set<String> containers) {
    users.put(name, new HashSet<>(containers));
    if (containers.isEmpty()) {
      drop(name, data);
    }
  }

  /** Unmounts it if it is mounted. */
  void drop(String name, Path data) {
    users.remove(name);
    if (MemoryMount.isMounted(data)) {
      MemoryMount.unmount(data);
    }
  }

  private static void own(Path data, IdMap ids) {
    if (!ids.isHost()) { // tmpfs has no id-mapped mounts before Linux 6.3
      try (DirectoryFd root = DirectoryFd.open(data)) {
        FileStatus status = root.stat();
        root.setAttributes(
            ids.hostUser(status.uid()),
            ids.hostGroup(status.gid()),
            status.permissions(),
            status.mtimeSeconds(),
            status.mtimeNanos());
      }
    }
  }
}
