package io.jcompose.runtime;

import java.nio.file.Path;
import java.util.Map;

/**
 * Where a runtime keeps its things. Immutable.
 *
 * @param runDir control sockets of the tasks, mode 0700, made when missing; on a tmpfs, such as
 *     {@code /run/jcompose/tasks}. At most 70 bytes long, for a Unix socket's path has 107
 * @param shimBinary the {@code jcompose-shim} executable
 * @param cgroupRoot the parent of every task's cgroup in each hierarchy, absolute below the
 *     hierarchy's mount, such as {@code /jcompose}; owned by this engine alone
 * @param runtimes other OCI runtimes by the names that containers give
 */
public record RuntimeConfig(
    Path runDir, Path shimBinary, String cgroupRoot, Map<String, OciRuntime> runtimes) {
  public RuntimeConfig {
    runtimes = Map.copyOf(runtimes);
    runDir = runDir.toAbsolutePath().normalize();
    shimBinary = shimBinary.toAbsolutePath().normalize();
    if (!cgroupRoot.startsWith("/") || cgroupRoot.length() < 2 || cgroupRoot.endsWith("/")) {
      throw new IllegalArgumentException("not an absolute cgroup path: " + cgroupRoot);
    }
  }
}
