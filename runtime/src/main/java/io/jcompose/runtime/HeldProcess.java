package io.jcompose.runtime;

import io.jcompose.linux.KernelException;
import io.jcompose.linux.file.DirectoryFd;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import jnr.constants.platform.Errno;

/**
 * A process by its open directory in /proc. The kernel binds such a directory to the process that
 * it was opened of (fs/proc/base.c): once that has ended there is nothing below, also when another
 * process has its number. Owned by its maker.
 */
public final class HeldProcess implements AutoCloseable {
  private final DirectoryFd directory;
  private final Path path;

  private HeldProcess(DirectoryFd directory) {
    this.directory = directory;
    this.path = Path.of("/proc/" + ProcessHandle.current().pid() + "/fd/" + directory.fd());
  }

  /** The process that has the number now, whichever that is; empty when there is none. */
  public static Optional<HeldProcess> open(long pid) {
    try {
      return Optional.of(new HeldProcess(DirectoryFd.open(Path.of("/proc/" + pid))));
    } catch (KernelException e) {
      if (e.is(Errno.ENOENT) || e.is(Errno.ESRCH)) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /**
   * A process of a task: one in its control groups, which it cannot leave. Empty when it has ended.
   *
   * @param process which began before this is called; a later one with its number is not taken for
   *     it
   */
  public static Optional<HeldProcess> ofTask(String id, ProcessHandle process) {
    Optional<HeldProcess> held = open(process.pid());
    boolean right = held.isPresent() && held.get().isIn(id) && process.isAlive();
    if (held.isPresent() && !(right && held.get().isAlive())) {
      held.get().close();
      return Optional.empty();
    }
    return held;
  }

  /**
   * Whether it is in the control group of a task, or below, in any hierarchy: of cgroup v1 a task
   * has no group in some, and of v2 there may be none.
   */
  private boolean isIn(String id) {
    try {
      byte[] groups = Files.readAllBytes(path.resolve("cgroup"));
      return new String(groups, StandardCharsets.ISO_8859_1)
          .lines()
          .map(line -> line.split(":", 3)) // man 7 cgroups: id:controllers:path
          .anyMatch(fields -> fields.length == 3 && List.of(fields[2].split("/")).contains(id));
    } catch (IOException e) {
      return false; // it has ended
    }
  }

  /** False when it has ended, also before its parent has waited for it. */
  public boolean isAlive() {
    return Files.exists(namespace("mnt"));
  }

  /**
   * Its directory, for other processes too. It leads nowhere when the process has ended, and must
   * not be used after {@link #close}.
   */
  public Path path() {
    return path;
  }

  /**
   * One of its namespaces.
   *
   * @param kind as in {@code /proc/PID/ns}
   */
  public Path namespace(String kind) {
    return path.resolve("ns").resolve(kind);
  }

  @Override
  public void close() {
    directory.close();
  }
}
