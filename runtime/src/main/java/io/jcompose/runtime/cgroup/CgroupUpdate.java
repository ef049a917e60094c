package io.jcompose.runtime.cgroup;

import io.jcompose.core.JcomposeException;
import io.jcompose.core.Resources;
import io.jcompose.runtime.plan.Step.Write;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives a running task other limits: the values of the new plan, and the kernel's defaults where
 * only the old one had a value. All or nothing, but for a kill of this process in between, after
 * which doing it again makes it right.
 */
public final class CgroupUpdate {
  private static final Logger LOG = LoggerFactory.getLogger(CgroupUpdate.class);

  /** What a file holds in a fresh group; devices are taken out of their lists. */
  private static final Map<String, String> DEFAULTS =
      Map.ofEntries(
          Map.entry("cpu.shares", "1024"),
          Map.entry("cpu.weight", "100"),
          Map.entry("cpu.max", "max 100000"),
          Map.entry("cpu.cfs_period_us", "100000"),
          Map.entry("cpu.cfs_quota_us", "-1"),
          Map.entry("memory.limit_in_bytes", "-1"),
          Map.entry("memory.memsw.limit_in_bytes", "-1"),
          Map.entry("memory.soft_limit_in_bytes", "-1"),
          Map.entry("memory.max", "max"),
          Map.entry("memory.swap.max", "max"),
          Map.entry("memory.low", "0"),
          Map.entry("pids.max", "max"),
          Map.entry("blkio.weight", "500"),
          Map.entry("blkio.bfq.weight", "100"),
          Map.entry("io.bfq.weight", "100"),
          Map.entry("io.weight", "100"));

  private final CgroupLayout cgroups;
  private final String id;

  public CgroupUpdate(CgroupLayout cgroups, String id) {
    this.cgroups = cgroups;
    this.id = id;
  }

  /**
   * Changes the limits from {@code before} to {@code after}.
   *
   * @throws JcomposeException.Conflict when the kernel refuses, or the task is not in the group
   */
  public void apply(Resources before, Resources after) {
    List<Write> writes = between(before, after);
    for (Write write : writes) {
      Path group = write.file().getParent();
      if (group == null || !Files.isDirectory(group)) {
        throw new JcomposeException.Conflict(
            "cannot set "
                + write.file().getFileName()
                + " of a running container that was started without such a limit, for on cgroup v1"
                + " it is in no group of that controller");
      }
    }
    requireMemory(after);
    try {
      write(writes);
    } catch (IOException e) {
      undo(between(after, before));
      throw new JcomposeException.Conflict("the kernel refuses the limits: " + e.getMessage());
    }
  }

  /** The values to write, in an order in which each is valid. */
  List<Write> between(Resources before, Resources after) {
    List<Write> writes = new ArrayList<>();
    Set<String> written = new HashSet<>();
    List<Write> wanted = new CgroupPlan(cgroups, id, after).writes();
    wanted.forEach(write -> written.add(key(write)));
    for (Write old : new CgroupPlan(cgroups, id, before).writes()) {
      if (!written.contains(key(old))) {
        writes.add(new Write(old.file(), unset(old), old.may()));
      }
    }
    writes.addAll(wanted);
    return ordered(writes, isRaised(before.memoryBytes(), after.memoryBytes()));
  }

  private static boolean isRaised(long before, long after) {
    return after == 0 || (before != 0 && after > before);
  }

  /** memory.memsw may never be below memory.limit: the one that makes room goes first. */
  private static List<Write> ordered(List<Write> writes, boolean raised) {
    List<Write> sorted = new ArrayList<>(writes);
    sorted.sort(
        Comparator.comparingInt(
            write ->
                switch (String.valueOf(write.file().getFileName())) {
                  case "memory.memsw.limit_in_bytes" -> raised ? 1 : 3;
                  case "memory.limit_in_bytes" -> 2;
                  default -> 0;
                }));
    return sorted;
  }

  /** A file, or the device's line in it. */
  private static String key(Write write) {
    String[] words = write.value().split("[ =]");
    boolean device = words[0].indexOf(':') > 0;
    String line = !device ? "" : words.length > 2 ? words[0] + " " + words[1] : words[0];
    return write.file() + " " + line;
  }

  private String unset(Write old) {
    String name = String.valueOf(old.file().getFileName());
    String[] words = old.value().split("[ =]");
    if (words[0].indexOf(':') > 0) {
      return words[0] + unsetOfDevice(name, words);
    }
    if (name.startsWith("cpuset.") || name.equals("memory.swappiness")) {
      return parentValue(old.file());
    }
    return DEFAULTS.getOrDefault(name, "0");
  }

  /** A weight of 0 is out of its range (bfq-cgroup.c in the kernel's block). */
  private static String unsetOfDevice(String name, String[] words) {
    if (words.length > 2) {
      return " " + words[1] + "=max";
    }
    return name.contains("weight") ? " default" : " 0";
  }

  /** What a fresh group takes from its parent. */
  private static String parentValue(Path file) {
    try {
      Path group = file.getParent();
      Path parent = group == null ? null : group.getParent();
      return parent == null ? "" : Files.readString(parent.resolve(file.getFileName())).strip();
    } catch (IOException e) {
      return "";
    }
  }

  /**
   * On v2 a limit below what is in use is not refused: the kernel kills until it fits. What it can
   * give up without harm is not counted.
   */
  private void requireMemory(Resources after) {
    if (after.memoryBytes() <= 0) {
      return;
    }
    boolean unified = cgroups.host().isUnified("memory");
    Optional<Path> group = cgroups.groupOf("memory", id);
    if (group.isEmpty()) {
      return;
    }
    try {
      String file = unified ? "memory.current" : "memory.usage_in_bytes";
      long used = Long.parseLong(Files.readString(group.get().resolve(file)).strip());
      Map<String, Long> stat =
          FlatKeyed.parse(Files.readString(group.get().resolve("memory.stat")));
      String prefix = unified ? "" : "total_";
      long cache =
          stat.getOrDefault(prefix + "inactive_file", 0L)
              + stat.getOrDefault(prefix + "active_file", 0L);
      if (used - cache > after.memoryBytes()) {
        throw new JcomposeException.Conflict(
            "the memory limit of "
                + after.memoryBytes()
                + " bytes is below the "
                + (used - cache)
                + " that the container uses now");
      }
    } catch (IOException | NumberFormatException e) {
      LOG.debug("cannot read what {} uses: {}", id, e.toString());
    }
  }

  private static void write(List<Write> writes) throws IOException {
    List<Write> again = new ArrayList<>();
    for (Write write : writes) {
      try {
        CgroupHost.write(write.file(), write.value());
      } catch (IOException e) {
        if (write.file().endsWith("cpu.cfs_period_us")) {
          again.add(write); // valid only with the quota that comes after it
        } else if (!mayFail(write)) {
          throw explained(write, e);
        }
      }
    }
    for (Write write : again) {
      try {
        CgroupHost.write(write.file(), write.value());
      } catch (IOException e) {
        throw explained(write, e);
      }
    }
  }

  /** Goes on after a failure: what was refused before may be refused again, the others are not. */
  private void undo(List<Write> writes) {
    for (Write write : writes) {
      try {
        write(List.of(write));
      } catch (IOException e) {
        LOG.warn("limits of {} are neither the old nor the new ones: {}", id, e.toString());
      }
    }
  }

  /** Whether a failure that came is none. */
  private static boolean mayFail(Write write) {
    return switch (write.may()) {
      case NOT_FAIL -> false;
      case FAIL -> true;
      case BE_MISSING -> !Files.exists(write.file());
    };
  }

  private static IOException explained(Write write, IOException e) {
    return new IOException(
        write.file().getFileName() + " = " + write.value() + ": " + e.getMessage(), e);
  }
}
