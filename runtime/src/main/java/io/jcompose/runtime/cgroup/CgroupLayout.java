package io.jcompose.runtime.cgroup;

import io.jcompose.core.JcomposeException;
import io.jcompose.runtime.device.DeviceRule;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where the engine's cgroups are: a root of its own in each hierarchy, and one group a task below.
 * In the v1 devices hierarchy most tasks live below {@code std}, which carries Docker's device
 * rules once for all.
 */
public final class CgroupLayout {
  private static final Logger LOG = LoggerFactory.getLogger(CgroupLayout.class);
  private static final String STANDARD = "std";

  private final CgroupHost host;
  private final String root;

  public CgroupLayout(CgroupHost host, String root) {
    this.host = host;
    this.root = root.substring(1);
  }

  public CgroupHost host() {
    return host;
  }

  /**
   * The layout with another parent of all groups, as {@code cgroup_parent} names it; empty is this
   * one. What has groups there must {@link #prepare} it; the parent is never removed, for it may be
   * the user's own.
   */
  public CgroupLayout below(String parent) {
    if (parent.isEmpty()) {
      return this;
    }
    Path path = Path.of("/" + parent).normalize();
    if (path.getNameCount() == 0 || !path.equals(Path.of("/").resolve(parent))) {
      throw new JcomposeException.InvalidArgument(
          "cgroup_parent \"" + parent + "\": give a path below the root, such as /limited");
    }
    return new CgroupLayout(host, path.toString());
  }

  /** Makes the roots; what exists is left as it is. */
  public void prepare() {
    try {
      for (Path hierarchy : host.hierarchies()) {
        Path at = hierarchy;
        boolean cpuset = hierarchy.equals(host.v1().get("cpuset"));
        for (Path part : Path.of(root)) {
          Path parent = at;
          at = at.resolve(part);
          if (!Files.isDirectory(at)) {
            Files.createDirectory(at);
          }
          if (cpuset) {
            copyCpuset(parent, at);
          }
        }
      }
      if (host.v2().isPresent() && !host.v2Controllers().isEmpty()) {
        enableControllers(host.v2().get());
      }
      prepareDevices();
    } catch (IOException e) {
      throw new JcomposeException.Internal(
          "failed to make cgroup " + root + ": " + e.getMessage() + " (is the engine root?)", e);
    }
  }

  private static void copyCpuset(Path parent, Path child) throws IOException {
    for (String file : List.of("cpuset.cpus", "cpuset.mems")) {
      if (Files.readString(child.resolve(file)).isBlank()) {
        CgroupHost.write(child.resolve(file), Files.readString(parent.resolve(file)).strip());
      }
    }
  }

  /** Controllers go down only where every parent passes them on. */
  private void enableControllers(Path mount) {
    Path at = mount;
    enableControllersIn(at);
    for (Path part : Path.of(root)) {
      at = at.resolve(part);
      enableControllersIn(at);
    }
  }

  private void enableControllersIn(Path group) {
    for (String controller : List.of("cpu", "cpuset", "memory", "pids", "io")) {
      if (!host.v2Controllers().contains(controller)) {
        continue;
      }
      try {
        CgroupHost.write(group.resolve("cgroup.subtree_control"), "+" + controller);
      } catch (IOException e) {
        LOG.warn("cannot enable cgroup controller {} in {}: {}", controller, group, e.toString());
      }
    }
  }

  private void prepareDevices() throws IOException {
    Path devices = host.v1().get("devices");
    if (devices == null) {
      return;
    }
    Path standard = devices.resolve(root).resolve(STANDARD);
    if (!Files.isDirectory(standard)) {
      Files.createDirectory(standard);
    }
    try {
      CgroupHost.write(standard.resolve("devices.deny"), "a");
    } catch (IOException e) {
      LOG.debug(
          "device rules stand already: {}", e.toString()); // a group with children says EINVAL
      return;
    }
    for (DeviceRule rule : DeviceRule.STANDARD) {
      CgroupHost.write(standard.resolve("devices.allow"), rule.toString());
    }
  }

  /** A task's group in a hierarchy. */
  public Path group(Path hierarchy, String id) {
    return hierarchy.resolve(root).resolve(id);
  }

  /** A task's group for a controller, wherever that is; empty when the machine has none. */
  public Optional<Path> groupOf(String controller, String id) {
    Path hierarchy =
        host.isUnified(controller) ? host.v2().orElse(null) : host.v1().get(controller);
    return hierarchy == null ? Optional.empty() : Optional.of(group(hierarchy, id));
  }

  /** A task's group in the v1 devices hierarchy, below the standard rules. */
  public Path standardDevicesGroup(String id) {
    Path devices = Objects.requireNonNull(host.v1().get("devices"), "no v1 devices controller");
    return devices.resolve(root).resolve(STANDARD).resolve(id);
  }

  /** The group that can kill and freeze a task as a whole. */
  public Optional<Path> unifiedGroup(String id) {
    return host.v2().map(mount -> group(mount, id));
  }

  /** Ids that have a group anywhere. */
  public Set<String> ids() {
    Set<String> ids = new TreeSet<>();
    for (Path hierarchy : host.allHierarchies()) {
      list(hierarchy.resolve(root), ids);
      list(hierarchy.resolve(root).resolve(STANDARD), ids);
    }
    ids.remove(STANDARD);
    return ids;
  }

  private static void list(Path directory, Set<String> ids) {
    try (DirectoryStream<Path> groups = Files.newDirectoryStream(directory, Files::isDirectory)) {
      for (Path group : groups) {
        ids.add(group.getFileName().toString());
      }
    } catch (NoSuchFileException e) {
      LOG.trace("no cgroup {}", directory);
    } catch (IOException e) {
      LOG.warn("cannot list cgroups in {}: {}", directory, e.toString());
    }
  }

  /** Kills what is in a task's groups, also what is frozen. */
  public void kill(String id) {
    Optional<Path> freezer =
        Optional.ofNullable(host.v1().get("freezer")).map(hierarchy -> group(hierarchy, id));
    new CgroupKill(id, unifiedGroup(id), freezer, () -> groups(id)).run();
  }

  /** Removes a task's groups; a killed process may take a moment to leave them. */
  public void remove(String id) {
    for (Path group : groups(id)) {
      removeGroup(group);
    }
  }

  /** Ends and removes what a task left, when it did: its shim removes what has no groups in it. */
  public void clear(String id) {
    if (!groups(id).isEmpty()) {
      kill(id);
      remove(id);
    }
  }

  /** A task's groups in all hierarchies, as far as they are there. */
  private List<Path> groups(String id) {
    List<Path> groups = new ArrayList<>();
    for (Path hierarchy : host.allHierarchies()) {
      groups.add(group(hierarchy, id));
      groups.add(hierarchy.resolve(root).resolve(STANDARD).resolve(id));
    }
    groups.removeIf(group -> !Files.isDirectory(group));
    return groups;
  }

  private static void removeGroup(Path group) {
    long limit = System.nanoTime() + 2_000_000_000L;
    while (Files.isDirectory(group)) {
      try {
        GroupRemoval.remove(group);
      } catch (IOException e) {
        if (System.nanoTime() > limit) {
          LOG.warn("cannot remove cgroup {}: {}", group, e.toString());
          return;
        }
        LockSupport.parkNanos(2_000_000); // EBUSY: no event tells when
      }
    }
  }

  /** Removes the roots when no task is left in them. */
  public void removeRoots() {
    for (Path hierarchy : host.allHierarchies()) {
      Path at = hierarchy.resolve(root);
      for (Path group : List.of(at.resolve(STANDARD), at)) {
        try {
          Files.deleteIfExists(group);
        } catch (IOException e) {
          LOG.debug("cgroup {} is in use", group);
        }
      }
    }
  }
}
