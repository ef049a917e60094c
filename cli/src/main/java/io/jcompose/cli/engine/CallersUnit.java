package io.jcompose.cli.engine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The unit of systemd that the command belongs to which started this engine: a session, a timer's
 * service, a runner of builds. systemd ends whatever is left in a unit's cgroup when the unit ends,
 * and the shims of all containers are in the engine's, so an engine that a command started leaves
 * it. Stateless.
 */
final class CallersUnit {
  private static final Logger LOG = LoggerFactory.getLogger(CallersUnit.class);

  /** The root groups of the hierarchy that systemd keeps units in: v2, and both kinds beside v1. */
  private static final List<String> ROOTS = List.of("", "unified", "systemd");

  private CallersUnit() {}

  /**
   * Moves this process to the root group, which has no unit and which nobody removes. The groups of
   * v1's controllers stay: systemd does not look for processes there.
   *
   * @param root of the file system, {@code /} but in tests
   */
  static void leave(Path root) {
    if (!Files.isDirectory(root.resolve("run/systemd/system"))) {
      return;
    }
    for (String hierarchy : ROOTS) {
      Path processes = root.resolve("sys/fs/cgroup").resolve(hierarchy).resolve("cgroup.procs");
      if (!Files.exists(processes)) {
        continue;
      }
      try {
        Files.writeString(processes, Long.toString(ProcessHandle.current().pid()));
      } catch (IOException e) {
        LOG.warn(
            "this engine stays in the unit of the command that started it, and ends with it: failed"
                + " to write {}: {}",
            processes,
            e.toString());
      }
    }
  }
}
