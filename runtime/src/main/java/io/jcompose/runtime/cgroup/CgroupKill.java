package io.jcompose.runtime.cgroup;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Kills what is in a task's groups: at once where the kernel can (cgroup.kill, Linux 5.14), else
 * frozen and one by one.
 *
 * @param groups those of the task that are there, asked anew for each round
 */
record CgroupKill(
    String id, Optional<Path> unified, Optional<Path> freezer, Supplier<List<Path>> groups) {
  private static final Logger LOG = LoggerFactory.getLogger(CgroupKill.class);
  private static final int ROUNDS = 100;
  private static final int KILLED_IN_A_ROUND = 10_000;

  void run() {
    if (unified.isPresent()) {
      try {
        CgroupHost.write(unified.get().resolve("cgroup.kill"), "1");
        return;
      } catch (IOException e) {
        LOG.debug("no cgroup.kill for {}: {}", id, e.toString());
      }
    }
    // One by one, frozen so that they fork no more; again for those whom the frost did not reach.
    for (int round = 0, found = 1; found > 0 && round < ROUNDS; round++) {
      freezer("FROZEN");
      found = groups.get().stream().mapToInt(CgroupKill::killOneByOne).sum();
      freezer("THAWED"); // a frozen process does not die
      LockSupport.parkNanos(1_000_000);
    }
  }

  private void freezer(String state) {
    if (freezer.isPresent()) {
      try {
        CgroupHost.write(freezer.get().resolve("freezer.state"), state);
      } catch (IOException e) {
        LOG.debug("{} has no freezer: {}", id, e.toString());
      }
    }
  }

  /** A handle knows when its process began, so one that is still listed after is no stranger's. */
  private static int killOneByOne(Path group) {
    List<ProcessHandle> handles =
        processes(group).stream()
            .flatMap(pid -> ProcessHandle.of(Long.parseLong(pid)).stream())
            .toList();
    Set<String> still = Set.copyOf(processes(group));
    int killed = 0;
    for (ProcessHandle handle : handles) {
      if (still.contains(Long.toString(handle.pid())) && handle.destroyForcibly()) {
        killed++;
      }
    }
    return killed;
  }

  /** Those in it and in the groups that the container made in it, so many for a round. */
  private static List<String> processes(Path group) {
    List<String> found = new ArrayList<>();
    try (Stream<Path> all = Files.walk(group)) {
      for (Path each : (Iterable<Path>) all.filter(Files::isDirectory)::iterator) {
        try (BufferedReader lines = Files.newBufferedReader(each.resolve("cgroup.procs"))) {
          lines.lines().limit(KILLED_IN_A_ROUND - found.size()).forEach(found::add);
        }
      }
    } catch (IOException | UncheckedIOException e) {
      return found; // a group went away with its processes
    }
    return found;
  }
}
