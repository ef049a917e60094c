package io.jcompose.runtime.compile;

import io.jcompose.core.JcomposeException;
import io.jcompose.linux.DescriptorLimit;
import io.jcompose.runtime.plan.ResourceLimit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How far this process may raise the limits of the programs that it starts: setrlimit(2) takes no
 * hard limit above the own one without CAP_SYS_RESOURCE, and never more open files than fs.nr_open.
 * Immutable.
 *
 * @param soft the own soft limits by the lines of /proc/self/limits, those without limit left out
 * @param hard the hard ones
 * @param raises whether the process has CAP_SYS_RESOURCE
 * @param mostFiles fs.nr_open
 */
record HostLimits(Map<String, Long> soft, Map<String, Long> hard, boolean raises, long mostFiles) {
  private static final String UNLIMITED = "unlimited";
  private static final int CAP_SYS_RESOURCE = 24;
  private static final Pattern LIMIT = Pattern.compile("(Max [a-z ]+?) {2,}(\\S+) +(\\S+) .*");
  private static final Pattern CAPABILITIES =
      Pattern.compile("(?s).*\nCapEff:\\s+(\\p{XDigit}+)\n.*");

  private static final Map<String, String> LINES =
      Map.ofEntries(
          Map.entry("as", "Max address space"),
          Map.entry("core", "Max core file size"),
          Map.entry("cpu", "Max cpu time"),
          Map.entry("data", "Max data size"),
          Map.entry("fsize", "Max file size"),
          Map.entry("locks", "Max file locks"),
          Map.entry("memlock", "Max locked memory"),
          Map.entry("msgqueue", "Max msgqueue size"),
          Map.entry("nice", "Max nice priority"),
          Map.entry("nofile", "Max open files"),
          Map.entry("nproc", "Max processes"),
          Map.entry("rss", "Max resident set"),
          Map.entry("rtprio", "Max realtime priority"),
          Map.entry("rttime", "Max realtime timeout"),
          Map.entry("sigpending", "Max pending signals"),
          Map.entry("stack", "Max stack size"));

  HostLimits {
    soft = Map.copyOf(soft);
    hard = Map.copyOf(hard);
  }

  /** Those of this process; where they cannot be read, nothing is refused. */
  static HostLimits here() {
    try {
      return parse(
          Files.readString(Path.of("/proc/self/limits")),
          Files.readString(Path.of("/proc/self/status")),
          DescriptorLimit.most());
    } catch (IOException e) {
      return new HostLimits(Map.of(), Map.of(), true, Long.MAX_VALUE);
    }
  }

  /** What the files in /proc say. */
  static HostLimits parse(String limits, String status, long mostFiles) {
    Map<String, Long> soft = new HashMap<>();
    Map<String, Long> hard = new HashMap<>();
    limits
        .lines()
        .map(LIMIT::matcher)
        .filter(Matcher::matches)
        .forEach(
            line -> {
              keep(soft, line.group(1), line.group(2));
              keep(hard, line.group(1), line.group(3));
            });
    Matcher effective = CAPABILITIES.matcher(status);
    boolean raises =
        effective.matches()
            && (Long.parseUnsignedLong(effective.group(1), 16) >> CAP_SYS_RESOURCE & 1) == 1;
    return new HostLimits(soft, hard, raises, mostFiles);
  }

  private static void keep(Map<String, Long> limits, String name, String value) {
    if (!value.equals(UNLIMITED) && Character.isDigit(value.charAt(0))) {
      limits.put(name, Long.parseUnsignedLong(value));
    }
  }

  /** A limit as a program gets it: a default gives way to a machine that allows less. */
  ResourceLimit resolve(ResourceLimit limit) {
    Long own = hard.get(lineOf(limit));
    if (!limit.atMost() || own == null || Long.compareUnsigned(own, limit.hard()) >= 0) {
      return limit;
    }
    boolean less = Long.compareUnsigned(limit.soft(), own) < 0;
    return new ResourceLimit(limit.resource(), less ? limit.soft() : own, own, true);
  }

  /**
   * The limit to set while there is the privilege, so that there is room for what is set later: the
   * hard one alone. Empty when the own is as high.
   */
  Optional<ResourceLimit> raised(ResourceLimit limit) {
    Long own = hard.get(lineOf(limit));
    if (limit.atMost() || own == null || Long.compareUnsigned(own, limit.hard()) >= 0) {
      return Optional.empty();
    }
    long now = soft.getOrDefault(lineOf(limit), own);
    return Optional.of(new ResourceLimit(limit.resource(), now, limit.hard(), false));
  }

  private static String lineOf(ResourceLimit limit) {
    return LINES.getOrDefault(limit.name().toLowerCase(Locale.ROOT), "");
  }

  /**
   * Refuses a limit that the kernel would refuse.
   *
   * @param name as in a compose file, {@code nofile}
   * @param wanted the hard limit; -1 is none
   */
  void require(String name, long wanted) {
    long own = hard.getOrDefault(LINES.getOrDefault(name, ""), Long.MAX_VALUE);
    long most = raises ? Long.MAX_VALUE : own;
    boolean files = name.equals("nofile") && mostFiles < most;
    long allowed = files ? mostFiles : most;
    if (wanted == -1 ? allowed != Long.MAX_VALUE : wanted > allowed) {
      throw new JcomposeException.InvalidArgument(
          "ulimits.%s: %s is more than the %d that this machine allows (%s)"
              .formatted(
                  name,
                  wanted == -1 ? "unlimited" : String.valueOf(wanted),
                  allowed,
                  files ? "sysctl fs.nr_open" : remedy(name)));
    }
  }

  private static String remedy(String name) {
    return "the engine's own limit, Limit"
        + name.toUpperCase(Locale.ROOT)
        + "= of its unit, as it may not raise any";
  }
}
