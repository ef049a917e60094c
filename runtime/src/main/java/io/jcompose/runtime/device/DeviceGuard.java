package io.jcompose.runtime.device;

import io.jcompose.linux.DeviceProgram;
import io.jcompose.linux.KernelException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Attaches device filters to groups of the unified cgroup hierarchy. Loading a program costs a
 * millisecond, attaching it some microseconds, so the standard one is loaded once. One per runtime;
 * safe for many threads. A group keeps its filter when this is closed.
 */
public final class DeviceGuard implements AutoCloseable {
  /** Guards nothing. */
  public static final DeviceGuard NONE = new DeviceGuard(null);

  private final @Nullable DeviceProgram standard;

  private DeviceGuard(@Nullable DeviceProgram standard) {
    this.standard = standard;
  }

  /** Loads the standard filter; a kernel without such filters gives a guard that does nothing. */
  public static DeviceGuard open() {
    try {
      return new DeviceGuard(load(DeviceRule.STANDARD, "all containers"));
    } catch (KernelException e) {
      return NONE;
    }
  }

  /** False when the kernel has no device filters by eBPF, or this process may not load them. */
  public boolean works() {
    return standard != null;
  }

  /** Gives the group a filter that allows the rules only; everything needs none. */
  public void attach(Path group, List<DeviceRule> rules) {
    if (rules.equals(DeviceRule.EVERYTHING)) {
      return;
    }
    if (standard != null && rules.equals(DeviceRule.STANDARD)) {
      standard.attach(group);
      return;
    }
    try (DeviceProgram program = load(rules, group.toString())) {
      program.attach(group);
    }
  }

  private static DeviceProgram load(List<DeviceRule> rules, String subject) {
    return DeviceProgram.load(DeviceFilter.compile(rules), subject);
  }

  @Override
  public void close() {
    if (standard != null) {
      standard.close();
    }
  }
}
