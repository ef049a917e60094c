package io.jcompose.runtime;

import io.jcompose.runtime.security.SecurityOptions;
import java.util.List;

/** Paths of the kernel that a container finds empty, and those it may not write. Immutable. */
public record PathRules(List<String> masked, List<String> readOnly) {
  /** Docker's. */
  public static final PathRules DEFAULT =
      new PathRules(
          List.of(
              "/proc/acpi",
              "/proc/asound",
              "/proc/interrupts",
              "/proc/kcore",
              "/proc/keys",
              "/proc/latency_stats",
              "/proc/sched_debug",
              "/proc/scsi",
              "/proc/timer_list",
              "/proc/timer_stats",
              "/sys/devices/virtual/powercap",
              "/sys/firmware"),
          List.of("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"));

  private static final PathRules NONE = new PathRules(List.of(), List.of());

  /** Those of a container with these settings. */
  public static PathRules of(boolean privileged, List<String> securityOptions) {
    boolean free = privileged || !SecurityOptions.parse(securityOptions).systemPaths();
    return free ? NONE : DEFAULT;
  }
}
