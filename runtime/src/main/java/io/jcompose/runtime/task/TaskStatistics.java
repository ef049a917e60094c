package io.jcompose.runtime.task;

import io.jcompose.core.ContainerStats;
import io.jcompose.core.ContainerStats.Pressure;
import io.jcompose.runtime.cgroup.CgroupLayout;
import io.jcompose.runtime.cgroup.FlatKeyed;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Reads a task's counters from its groups, each from the hierarchy that its controller is in, and
 * from /proc where no group counts it. What the kernel does not report is 0. Stateless.
 */
public final class TaskStatistics {
  private static final long UNLIMITED = 1L << 60;
  private static final int FILE_BYTES = 1 << 20;
  private static final List<String> RESOURCES = List.of("cpu", "memory", "io");

  private final CgroupLayout cgroups;
  private final String id;
  private final Path proc;

  public TaskStatistics(CgroupLayout cgroups, String id, Path proc) {
    this.cgroups = cgroups;
    this.id = id;
    this.proc = proc;
  }

  /**
   * @param process the directory of its first process, in whose network it is
   */
  ContainerStats read(Path process) {
    long[] network = network(process);
    long[] block = block();
    return new ContainerStats(
        Instant.now(),
        cpuNanos(),
        memoryBytes(),
        memoryLimit(),
        network[0],
        network[1],
        block[0],
        block[1],
        tasks(),
        pressure());
  }

  /** The processes of the task, on the host's count. */
  public List<Long> processes() {
    for (String controller : List.of("pids", "memory", "freezer")) {
      Optional<Path> group = cgroups.groupOf(controller, id).filter(Files::isDirectory);
      if (group.isPresent()) {
        return below(group.get());
      }
    }
    return cgroups.unifiedGroup(id).map(TaskStatistics::below).orElse(List.of());
  }

  private static List<Long> below(Path group) {
    List<Long> pids = new ArrayList<>();
    try (Stream<Path> all = Files.walk(group)) {
      all.filter(Files::isDirectory)
          .forEach(
              g ->
                  text(g.resolve("cgroup.procs"))
                      .lines()
                      .forEach(l -> pids.add(FlatKeyed.number(l))));
    } catch (IOException | UncheckedIOException e) {
      return pids; // the group goes away with its task
    }
    pids.sort(null);
    return pids;
  }

  private long cpuNanos() {
    if (cgroups.host().v1().containsKey("cpuacct")) {
      return FlatKeyed.number(file("cpuacct", "cpuacct.usage"));
    }
    Path unified = cgroups.unifiedGroup(id).orElse(null);
    return unified == null
        ? 0
        : FlatKeyed.parse(text(unified.resolve("cpu.stat"))).getOrDefault("usage_usec", 0L) * 1000;
  }

  /** As docker's command line and the kubelet count it. */
  private long memoryBytes() {
    Map<String, Long> stat = FlatKeyed.parse(file("memory", "memory.stat"));
    boolean unified = cgroups.host().isUnified("memory");
    long used =
        FlatKeyed.number(file("memory", unified ? "memory.current" : "memory.usage_in_bytes"));
    long idle = stat.getOrDefault(unified ? "inactive_file" : "total_inactive_file", 0L);
    return Math.max(0, used - idle);
  }

  private long memoryLimit() {
    boolean unified = cgroups.host().isUnified("memory");
    long limit = FlatKeyed.number(file("memory", unified ? "memory.max" : "memory.limit_in_bytes"));
    long machine = 0;
    for (String line : text(proc.resolve("meminfo")).split("\n")) {
      if (line.startsWith("MemTotal:")) {
        machine = FlatKeyed.number(line.replaceAll("\\D", "")) * 1024;
      }
    }
    return limit <= 0 || limit > UNLIMITED || (machine > 0 && limit > machine) ? machine : limit;
  }

  private long tasks() {
    long counted = FlatKeyed.number(file("pids", "pids.current"));
    return counted > 0 ? counted : processes().size();
  }

  private long[] network(Path process) {
    long[] bytes = new long[2];
    if (isHostNetwork(process)) {
      return bytes;
    }
    for (String line : text(process.resolve("net/dev")).split("\n")) {
      int colon = line.indexOf(':');
      if (colon < 0 || line.substring(0, colon).strip().equals("lo")) {
        continue;
      }
      String[] fields = line.substring(colon + 1).strip().split("\\s+");
      if (fields.length > 8) {
        bytes[0] += FlatKeyed.number(fields[0]);
        bytes[1] += FlatKeyed.number(fields[8]);
      }
    }
    return bytes;
  }

  private boolean isHostNetwork(Path process) {
    try {
      return Files.readSymbolicLink(process.resolve("ns/net"))
          .equals(Files.readSymbolicLink(proc.resolve("self/ns/net")));
    } catch (IOException e) {
      return false; // the process has just ended; there is nothing to read either
    }
  }

  private long[] block() {
    if (cgroups.host().isUnified("io")) {
      return ioStat(file("io", "io.stat"));
    }
    String throttled = file("blkio", "blkio.throttle.io_service_bytes_recursive");
    return throttled.isEmpty() ? blockOfProcesses() : ioService(throttled);
  }

  /** {@code 8:0 rbytes=1 wbytes=2 rios=…}, a line a device. */
  static long[] ioStat(String text) {
    long[] bytes = new long[2];
    for (String word : text.split("\\s+")) {
      if (word.startsWith("rbytes=")) {
        bytes[0] += FlatKeyed.number(word.substring(7));
      } else if (word.startsWith("wbytes=")) {
        bytes[1] += FlatKeyed.number(word.substring(7));
      }
    }
    return bytes;
  }

  /** {@code 8:0 Read 4096}, a line a device and kind. */
  static long[] ioService(String text) {
    long[] bytes = new long[2];
    for (String line : text.split("\n")) {
      String[] fields = line.split(" ");
      if (fields.length == 3 && fields[1].equals("Read")) {
        bytes[0] += FlatKeyed.number(fields[2]);
      } else if (fields.length == 3 && fields[1].equals("Write")) {
        bytes[1] += FlatKeyed.number(fields[2]);
      }
    }
    return bytes;
  }

  /**
   * Where the task has no group of the controller: a process's counters hold those of its children
   * that it has waited for (kernel/exit.c), so few bytes are missing.
   */
  private long[] blockOfProcesses() {
    long[] bytes = new long[2];
    for (long process : processes()) {
      Map<String, Long> io = FlatKeyed.parse(text(proc.resolve(process + "/io")));
      bytes[0] += io.getOrDefault("read_bytes:", 0L);
      bytes[1] += io.getOrDefault("write_bytes:", 0L);
    }
    return bytes;
  }

  private Map<String, Pressure> pressure() {
    Map<String, Pressure> found = new HashMap<>();
    Path group = cgroups.unifiedGroup(id).orElse(null);
    if (group != null) {
      for (String resource : RESOURCES) {
        parsePressure(text(group.resolve(resource + ".pressure")))
            .ifPresent(p -> found.put(resource, p));
      }
    }
    return found;
  }

  /** Documentation/accounting/psi.rst: {@code some avg10=0.00 avg60=… total=…}, then full. */
  static Optional<Pressure> parsePressure(String text) {
    double some = -1;
    double full = 0;
    for (String line : text.split("\n")) {
      int at = line.indexOf("avg10=");
      if (at >= 0) {
        String value = line.substring(at + 6).split(" ")[0];
        if (line.startsWith("some")) {
          some = Double.parseDouble(value);
        } else {
          full = Double.parseDouble(value);
        }
      }
    }
    return some < 0 ? Optional.empty() : Optional.of(new Pressure(some, full));
  }

  private String file(String controller, String name) {
    return cgroups.groupOf(controller, id).map(g -> text(g.resolve(name))).orElse("");
  }

  /** A file's beginning: a container with NET_ADMIN makes its list of links as long as it wants. */
  private static String text(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      return new String(in.readNBytes(FILE_BYTES), StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return "";
    }
  }
}
