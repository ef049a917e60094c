package io.jcompose.runtime.plan;

import io.jcompose.core.ContainerSpec.Ulimit;
import io.jcompose.core.JcomposeException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * A limit of a process: man 2 setrlimit. Immutable.
 *
 * @param resource its number in sys/resource.h
 * @param soft -1 is unlimited
 * @param hard -1 is unlimited
 * @param atMost gives way to a lower hard limit of the machine
 */
public record ResourceLimit(int resource, long soft, long hard, boolean atMost) {
  private static final int NOFILE = 7;

  /** The kernel's numbers: include/uapi/asm-generic/resource.h. */
  private static final Map<String, Integer> NUMBERS =
      Map.ofEntries(
          Map.entry("cpu", 0),
          Map.entry("fsize", 1),
          Map.entry("data", 2),
          Map.entry("stack", 3),
          Map.entry("core", 4),
          Map.entry("rss", 5),
          Map.entry("nproc", 6),
          Map.entry("nofile", NOFILE),
          Map.entry("memlock", 8),
          Map.entry("as", 9),
          Map.entry("locks", 10),
          Map.entry("sigpending", 11),
          Map.entry("msgqueue", 12),
          Map.entry("nice", 13),
          Map.entry("rtprio", 14),
          Map.entry("rttime", 15));

  /**
   * Those of a container: what it asks for, and a default for open files.
   *
   * @throws JcomposeException.InvalidArgument in Docker's words for what can be none
   */
  public static List<ResourceLimit> of(Map<String, Ulimit> ulimits) {
    List<ResourceLimit> limits = new ArrayList<>();
    Map<String, Ulimit> wanted = new TreeMap<>(ulimits);
    // What a JVM has raised for itself must not reach a container; systemd's default, as dockerd's.
    wanted.putIfAbsent("nofile", new Ulimit(1024, 524288));
    wanted.forEach((name, limit) -> limits.add(of(name, limit, !ulimits.containsKey(name))));
    return limits;
  }

  private static ResourceLimit of(String name, Ulimit limit, boolean atMost) {
    Integer resource = NUMBERS.get(name);
    if (resource == null) {
      throw new JcomposeException.InvalidArgument("invalid ulimit type: " + name);
    }
    if (limit.hard() != -1 && (limit.soft() == -1 || limit.soft() > limit.hard())) {
      throw new JcomposeException.InvalidArgument(
          "ulimit soft limit must be less than or equal to hard limit: "
              + limit.soft()
              + " > "
              + limit.hard());
    }
    return new ResourceLimit(resource, limit.soft(), limit.hard(), atMost);
  }

  /** Its name in upper case, {@code NOFILE}. */
  public String name() {
    for (Map.Entry<String, Integer> number : NUMBERS.entrySet()) {
      if (number.getValue() == resource) {
        return number.getKey().toUpperCase(Locale.ROOT);
      }
    }
    throw new IllegalArgumentException("no resource limit " + resource);
  }
}
