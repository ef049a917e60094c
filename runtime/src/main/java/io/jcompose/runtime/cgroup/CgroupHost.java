package io.jcompose.runtime.cgroup;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The machine's cgroup hierarchies, found per controller, so that v1, v2 and hybrid machines are
 * one case. Immutable.
 *
 * @param v1 each v1 controller's hierarchy (several may share one), in the order of mountinfo
 * @param v2 the unified hierarchy; on a hybrid machine it is there without controllers
 * @param v2Controllers controllers that the unified hierarchy has
 */
public record CgroupHost(Map<String, Path> v1, Optional<Path> v2, Set<String> v2Controllers) {
  private static final Set<String> CONTROLLERS =
      Set.of(
          "cpu",
          "cpuacct",
          "cpuset",
          "memory",
          "pids",
          "devices",
          "freezer",
          "blkio",
          "hugetlb",
          "net_cls",
          "net_prio",
          "perf_event",
          "rdma");

  /** Reads this machine's. */
  public static CgroupHost detect() {
    try {
      List<String> mounts = Files.readAllLines(Path.of("/proc/self/mountinfo"));
      CgroupHost found = parse(mounts, Set.of());
      if (found.v2.isEmpty()) {
        return found;
      }
      String controllers = Files.readString(found.v2.get().resolve("cgroup.controllers")).strip();
      return new CgroupHost(
          found.v1, found.v2, controllers.isEmpty() ? Set.of() : Set.of(controllers.split(" ")));
    } catch (IOException e) {
      throw new UncheckedIOException("failed to find cgroup hierarchies", e);
    }
  }

  /** From the lines of /proc/self/mountinfo; man 5 proc. The first mount of a hierarchy counts. */
  static CgroupHost parse(List<String> mountinfo, Set<String> v2Controllers) {
    Map<String, Path> v1 = new LinkedHashMap<>();
    Path v2 = null;
    for (String line : mountinfo) {
      int dash = line.indexOf(" - ");
      if (dash < 0 || !line.startsWith("cgroup", dash + 3)) {
        continue;
      }
      Path mountPoint = Path.of(line.split(" ", 6)[4]);
      String[] tail = line.substring(dash + 3).split(" ");
      if (tail[0].equals("cgroup2")) {
        v2 = v2 == null ? mountPoint : v2;
      } else {
        Arrays.stream(tail[2].split(","))
            .filter(CONTROLLERS::contains)
            .forEach(controller -> v1.putIfAbsent(controller, mountPoint));
      }
    }
    return new CgroupHost(v1, Optional.ofNullable(v2), v2Controllers);
  }

  /** The same machine as if it lacked a v1 controller. */
  public CgroupHost without(String controller) {
    Map<String, Path> rest = new LinkedHashMap<>(v1);
    rest.remove(controller);
    return new CgroupHost(rest, v2, v2Controllers);
  }

  /** True when the controller is in the unified hierarchy. */
  public boolean isUnified(String controller) {
    return !v1.containsKey(controller) && v2Controllers.contains(controller);
  }

  /** The CPUs that cpusets may have; every one of this machine's where no hierarchy says so. */
  public BitSet cpus() {
    Path v1Root = v1.get("cpuset");
    List<Path> files = new ArrayList<>();
    if (v1Root != null) {
      files.add(v1Root.resolve("cpuset.effective_cpus"));
      files.add(v1Root.resolve("cpuset.cpus"));
    }
    v2.ifPresent(root -> files.add(root.resolve("cpuset.cpus.effective")));
    files.add(Path.of("/sys/devices/system/cpu/online"));
    for (Path file : files) {
      if (Files.isReadable(file)) {
        return CpuList.parse(read(file));
      }
    }
    BitSet all = new BitSet();
    all.set(0, Runtime.getRuntime().availableProcessors());
    return all;
  }

  private static String read(Path file) {
    try {
      return Files.readString(file).strip();
    } catch (IOException e) {
      throw new UncheckedIOException("failed to read " + file, e);
    }
  }

  /** Every hierarchy's mount point, once. */
  public List<Path> hierarchies() {
    List<Path> all = new ArrayList<>();
    v1.values().stream().distinct().forEach(all::add);
    v2.ifPresent(all::add);
    return all;
  }

  /** These and the ones beside them, systemd's own for one: other runtimes make groups in all. */
  public Set<Path> allHierarchies() {
    Set<Path> all = new LinkedHashSet<>(hierarchies());
    for (Path parent : v1.values().stream().map(Path::getParent).distinct().toList()) {
      try (Stream<Path> beside = Files.list(parent)) {
        beside.filter(path -> Files.exists(path.resolve("cgroup.procs"))).forEach(all::add);
      } catch (IOException e) {
        throw new UncheckedIOException("failed to list " + parent, e);
      }
    }
    return all;
  }

  /**
   * Moves this process to where it is, which brings the kernel into the state, kept for some 10 ms,
   * in which moves need not wait for a grace period of RCU.
   */
  void warm() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/cgroup"))) {
      String[] fields = line.split(":", 3); // man 7 cgroups: id:controllers:path
      Path hierarchy = v1.get(fields[1].split(",")[0]);
      if (hierarchy != null) {
        Path group = hierarchy.resolve(fields[2].substring(1));
        if (Files.exists(group)) {
          write(group.resolve("cgroup.procs"), "0");
          return;
        }
      }
    }
  }

  /** Writes one value to a cgroup file. */
  public static void write(Path file, String value) throws IOException {
    Files.write(file, value.getBytes(StandardCharsets.US_ASCII), StandardOpenOption.WRITE);
  }
}
