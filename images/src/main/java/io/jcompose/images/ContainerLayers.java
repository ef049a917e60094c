package io.jcompose.images;

import io.jcompose.core.JcomposeException;
import io.jcompose.core.Mount;
import io.jcompose.linux.KernelException;
import io.jcompose.linux.file.DirectoryFd;
import io.jcompose.linux.file.ProjectQuota;
import io.jcompose.linux.file.TreeRemoval;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import jnr.constants.platform.Errno;

/**
 * The read-write layers of containers, {@code <containers>/<id>/upper} and {@code work}. Stateless;
 * the directory {@code <id>} itself belongs to the engine, which keeps its record there.
 */
final class ContainerLayers {
  private static final byte[] UPPER = "upper".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] WORK = "work".getBytes(StandardCharsets.US_ASCII);

  private final Path root;

  ContainerLayers(Path containersDir) {
    this.root = containersDir;
  }

  /**
   * @param limitBytes what upper and work may hold together; 0 is no limit
   */
  void create(String containerId, long limitBytes) {
    byte[] id = component(containerId);
    try (DirectoryFd containers = DirectoryFd.open(root)) {
      make(containers, id, 0710);
      try (DirectoryFd container = containers.openDirectory(id)) {
        make(container, UPPER, 0755);
        make(container, WORK, 0700);
        if (limitBytes > 0) {
          limit(container, limitBytes);
        }
      }
    }
  }

  private synchronized void limit(DirectoryFd container, long bytes) {
    try (DirectoryFd upper = container.openDirectory(UPPER);
        DirectoryFd work = container.openDirectory(WORK)) {
      if (ProjectQuota.of(upper) == 0) {
        ProjectQuota.limit(bytes, upper, work);
      }
    }
  }

  /**
   * @throws JcomposeException.NotSupported when the file system limits no layers
   */
  void checkLimit() {
    try (DirectoryFd containers = DirectoryFd.open(root)) {
      ProjectQuota.check(containers, root.toString());
    }
  }

  Mount.Overlay mount(String containerId, List<Path> lower) {
    component(containerId);
    Path directory = root.resolve(containerId);
    return new Mount.Overlay(lower, directory.resolve("upper"), directory.resolve("work"), "/");
  }

  /** Removes upper and work; removing what is gone succeeds. */
  void remove(String containerId) {
    byte[] id = component(containerId);
    try (DirectoryFd containers = DirectoryFd.open(root);
        DirectoryFd container = containers.openDirectory(id)) {
      int project = project(container);
      TreeRemoval.remove(container, UPPER);
      TreeRemoval.remove(container, WORK);
      if (project != 0) {
        ProjectQuota.free(container, project);
      }
    } catch (KernelException e) {
      if (!e.is(Errno.ENOENT)) {
        throw e;
      }
    }
  }

  private static int project(DirectoryFd container) {
    try (DirectoryFd upper = container.openDirectory(UPPER)) {
      return ProjectQuota.of(upper);
    } catch (KernelException e) {
      if (e.is(Errno.ENOENT)) {
        return 0;
      }
      throw e;
    }
  }

  private static void make(DirectoryFd parent, byte[] name, int mode) {
    try {
      parent.mkdir(name, mode);
      parent.chmod(name, mode);
    } catch (KernelException e) {
      if (!e.is(Errno.EEXIST)) {
        throw e;
      }
    }
  }

  private static byte[] component(String containerId) {
    if (!containerId.matches("[a-zA-Z0-9][a-zA-Z0-9_.-]*")) {
      throw new JcomposeException.InvalidArgument("invalid container id \"" + containerId + "\"");
    }
    return containerId.getBytes(StandardCharsets.US_ASCII);
  }
}
