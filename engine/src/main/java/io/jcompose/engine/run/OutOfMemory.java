package io.jcompose.engine.run;

import io.jcompose.runtime.TaskExit;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Says in words what the kernel's out-of-memory killer did to a container: which process, which
 * cgroup's limit, and the peak use. The process and cgroup are known from the kernel's log
 * (mm/oom_kill.c, {@code dump_oom_summary}), the rest from the container's cgroup.
 */
final class OutOfMemory {
  private static final Pattern SUMMARY =
      Pattern.compile(
          "oom-kill:constraint=(\\w+),.*?(?:,oom_memcg=([^,]*))?(?:,global_oom)?,task_memcg=([^,]*),"
              + "task=(.*),pid=(\\d+),uid=\\d+");

  private OutOfMemory() {}

  /**
   * One sentence.
   *
   * @param kernelLog oldest line first; may be empty
   */
  static String describe(String id, TaskExit exit, List<String> kernelLog) {
    Matcher kill = lastKill(id, kernelLog);
    String what =
        kill == null ? "a process of it" : "process " + kill.group(5) + " (" + kill.group(4) + ")";
    String peak = exit.oomPeakBytes() == 0 ? "" : ", peak use " + size(exit.oomPeakBytes());
    return "out of memory: the kernel killed " + what + " at " + limit(id, exit, kill) + peak;
  }

  private static String limit(String id, TaskExit exit, @Nullable Matcher kill) {
    if (kill != null && kill.group(1).equals("CONSTRAINT_NONE")) {
      return "the end of the machine's memory (not the container's limit)";
    }
    String group = kill == null || kill.group(2) == null ? "" : kill.group(2);
    if (!group.isEmpty() && !group.contains(id)) {
      return "the memory limit of cgroup " + group + ", above the container's";
    }
    boolean limited = exit.oomLimitBytes() > 0 && exit.oomLimitBytes() < 1L << 60;
    return limited
        ? "the container's memory limit of " + size(exit.oomLimitBytes())
        : "a memory limit above the container's";
  }

  private static @Nullable Matcher lastKill(String id, List<String> log) {
    for (int i = log.size() - 1; i >= 0; i--) {
      Matcher summary = SUMMARY.matcher(log.get(i));
      if (summary.find() && summary.group(3).contains(id)) {
        return summary;
      }
    }
    return null;
  }

  /** In the units of docker's own limits: {@code 16 MiB}. */
  private static String size(long bytes) {
    String[] units = {"B", "KiB", "MiB", "GiB", "TiB"};
    double value = bytes;
    int unit = 0;
    while (value >= 1024 && unit < units.length - 1) {
      value /= 1024;
      unit++;
    }
    String digits = String.format(Locale.ROOT, value < 10 ? "%.1f" : "%.0f", value);
    return (digits.endsWith(".0") ? digits.substring(0, digits.length() - 2) : digits)
        + " "
        + units[unit];
  }
}
