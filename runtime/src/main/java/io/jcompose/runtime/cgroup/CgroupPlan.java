package io.jcompose.runtime.cgroup;

import io.jcompose.core.JcomposeException;
import io.jcompose.core.Resources;
import io.jcompose.core.Resources.DeviceValue;
import io.jcompose.runtime.device.DeviceGuard;
import io.jcompose.runtime.device.DeviceNumber;
import io.jcompose.runtime.device.DeviceRule;
import io.jcompose.runtime.plan.Step;
import io.jcompose.runtime.plan.Step.May;
import io.jcompose.runtime.plan.TaskPlan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Works out a task's groups and the values to write to them. A v1 hierarchy is joined when it
 * limits or accounts something that is asked for; empty groups cost time at every start.
 */
public final class CgroupPlan {
  private static final long MINIMUM_MEMORY = 6L << 20;

  /** Out-of-memory kills, the most that was used, and the limit: what ExitRecord looks for. */
  private static final List<String> V1_FIGURES =
      List.of("memory.oom_control", "memory.max_usage_in_bytes", "memory.limit_in_bytes");

  private static final List<String> V2_FIGURES =
      List.of("memory.events", "memory.peak", "memory.max");

  private final CgroupLayout layout;
  private final String id;
  private final Resources limits;
  private final List<Step.Write> writes = new ArrayList<>();
  private final Set<String> controllers = new LinkedHashSet<>();

  public CgroupPlan(CgroupLayout layout, String id, Resources limits) {
    this.layout = layout;
    this.id = id;
    this.limits = limits;
    controllers.addAll(List.of("memory", "cpuacct", "pids"));
    cpu();
    cpuset();
    memory();
    pids();
    blkio();
    if (layout.host().v2().isEmpty()) {
      controllers.add("freezer");
    }
  }

  /** The v1 hierarchies in which the task has a group of its own. */
  public Set<Path> joined() {
    Set<Path> joined = new LinkedHashSet<>();
    for (Map.Entry<String, Path> hierarchy : layout.host().v1().entrySet()) {
      if (controllers.contains(hierarchy.getKey()) || hierarchy.getKey().equals("devices")) {
        joined.add(hierarchy.getValue());
      }
    }
    return joined;
  }

  /** The values, in the order of writing. */
  List<Step.Write> writes() {
    return List.copyOf(writes);
  }

  /** Refuses what the machine cannot give, in Docker's words. */
  public static void check(Resources limits, int cpus) {
    if (limits.nanoCpus() < 0 || limits.nanoCpus() > cpus * 1_000_000_000L) {
      throw new JcomposeException.InvalidArgument(
          "range of CPUs is from 0.01 to "
              + cpus
              + ".00, as there are only "
              + cpus
              + " CPUs available");
    }
    if (limits.nanoCpus() > 0 && (limits.cpuPeriodMicros() > 0 || limits.cpuQuotaMicros() > 0)) {
      throw new JcomposeException.InvalidArgument(
          "conflicting options: CPUs cannot be set together with CPU period or CPU quota");
    }
    long period = limits.cpuPeriodMicros();
    if (period != 0 && (period < 1000 || period > 1_000_000)) {
      throw new JcomposeException.InvalidArgument(
          "CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)");
    }
    if (limits.cpuQuotaMicros() > 0 && limits.cpuQuotaMicros() < 1000) {
      throw new JcomposeException.InvalidArgument(
          "CPU cfs quota can not be less than 1ms (i.e. 1000)");
    }
    checkMemory(limits);
    if (limits.blkioWeight() != 0 && (limits.blkioWeight() < 10 || limits.blkioWeight() > 1000)) {
      throw new JcomposeException.InvalidArgument("range of blkio weight is from 10 to 1000");
    }
  }

  private static void checkMemory(Resources limits) {
    long memory = limits.memoryBytes();
    long swap = limits.memorySwapBytes();
    if (memory != 0 && memory < MINIMUM_MEMORY) {
      throw new JcomposeException.InvalidArgument("Minimum memory limit allowed is 6MB");
    }
    if (memory == 0 && swap > 0) {
      throw new JcomposeException.InvalidArgument(
          "You should always set the Memory limit when using Memoryswap limit, see usage");
    }
    if (swap > 0 && swap < memory) {
      throw new JcomposeException.InvalidArgument(
          "Minimum memoryswap limit should be larger than memory limit, see usage");
    }
    if (memory > 0 && limits.memoryReservationBytes() > memory) {
      throw new JcomposeException.InvalidArgument(
          "Minimum memory limit can not be less than memory reservation limit, see usage");
    }
    Integer swappiness = limits.memorySwappiness();
    if (swappiness != null && (swappiness < -1 || swappiness > 100)) {
      throw new JcomposeException.InvalidArgument(
          "invalid value: " + swappiness + ", valid memory swappiness range is 0-100");
    }
    if (limits.oomScoreAdj() < -1000 || limits.oomScoreAdj() > 1000) {
      throw new JcomposeException.InvalidArgument(
          "Invalid value " + limits.oomScoreAdj() + ", range for oom score adj is [-1000, 1000]");
    }
  }

  /** Adds the steps that make the groups and write their limits. */
  public void addTo(TaskPlan plan, List<DeviceRule> deviceRules) {
    CgroupHost host = layout.host();
    Set<Path> joined = new LinkedHashSet<>();
    for (String controller : controllers) {
      Path hierarchy = host.v1().get(controller);
      if (hierarchy != null && joined.add(hierarchy)) {
        boolean oom = hierarchy.equals(host.v1().get("memory"));
        plan.add(new Step.Cgroup(layout.group(hierarchy, id), false, oom ? V1_FIGURES : List.of()));
        if (hierarchy.equals(host.v1().get("cpuset"))) {
          copyCpuset(plan, hierarchy);
        }
      }
    }
    devices(plan, deviceRules);
    layout
        .unifiedGroup(id)
        .ifPresent(
            group ->
                plan.add(
                    new Step.Cgroup(
                        group, true, host.isUnified("memory") ? V2_FIGURES : List.of())));
    plan.addAll(writes);
  }

  /** Only where the unified hierarchy cannot filter; see {@link DeviceGuard}. */
  private void devices(TaskPlan plan, List<DeviceRule> rules) {
    Path devices = layout.host().v1().get("devices");
    if (devices == null) {
      return;
    }
    if (rules.equals(DeviceRule.STANDARD)) {
      plan.add(new Step.Cgroup(layout.standardDevicesGroup(id), false, List.of()));
      return;
    }
    Path group = layout.group(devices, id);
    plan.add(new Step.Cgroup(group, false, List.of()));
    if (!rules.equals(DeviceRule.EVERYTHING)) {
      plan.add(new Step.Write(group.resolve("devices.deny"), "a", May.NOT_FAIL));
    }
    for (DeviceRule rule : rules) {
      plan.add(new Step.Write(group.resolve("devices.allow"), rule.toString(), May.NOT_FAIL));
    }
  }

  private void copyCpuset(TaskPlan plan, Path hierarchy) {
    Path group = layout.group(hierarchy, id);
    Path parent = group.resolve("..").normalize();
    try {
      for (String file : List.of("cpuset.cpus", "cpuset.mems")) {
        String value = Files.readString(parent.resolve(file)).strip();
        plan.add(new Step.Write(group.resolve(file), value, May.NOT_FAIL));
      }
    } catch (IOException e) {
      throw new JcomposeException.Internal("failed to read " + parent + ": " + e.getMessage(), e);
    }
  }

  private void write(String controller, String v1File, String v2File, String v1, String v2) {
    boolean unified = layout.host().isUnified(controller);
    String file = unified ? v2File : v1File;
    if (!file.isEmpty()) {
      write(controller, file, unified ? v2 : v1, May.NOT_FAIL);
    }
  }

  private void write(String controller, String file, String value, May may) {
    controllers.add(controller);
    Path group =
        layout
            .groupOf(controller, id)
            .orElseThrow(
                () ->
                    new JcomposeException.NotSupported(
                        "the kernel has no cgroup controller "
                            + controller
                            + ", needed to set "
                            + file
                            + " to "
                            + value));
    writes.add(new Step.Write(group.resolve(file), value, may));
  }

  private void cpu() {
    if (limits.cpuShares() != 0) {
      write(
          "cpu",
          "cpu.shares",
          "cpu.weight",
          Long.toString(limits.cpuShares()),
          Long.toString(weightOfShares(limits.cpuShares())));
    }
    long period = limits.cpuPeriodMicros();
    long quota = limits.cpuQuotaMicros();
    if (limits.nanoCpus() > 0) {
      period = 100_000;
      quota = limits.nanoCpus() * period / 1_000_000_000L;
    }
    if (period == 0 && quota == 0) {
      return;
    }
    if (layout.host().isUnified("cpu")) {
      String max = (quota <= 0 ? "max" : quota) + " " + (period == 0 ? 100_000 : period);
      write("cpu", "", "cpu.max", "", max);
      return;
    }
    if (period != 0) {
      write("cpu", "cpu.cfs_period_us", Long.toString(period), May.NOT_FAIL);
    }
    if (quota != 0) {
      write("cpu", "cpu.cfs_quota_us", Long.toString(quota), May.NOT_FAIL);
    }
  }

  /** Docker's shares as a v2 weight: the formula of runc 1.3.2 and crun 1.23. */
  static long weightOfShares(long shares) {
    if (shares <= 2) {
      return shares == 0 ? 0 : 1;
    }
    if (shares >= 262144) {
      return 10_000;
    }
    double log = Math.log((double) shares) / Math.log(2);
    return (long) Math.ceil(Math.pow(10, (log * log + 125 * log) / 612.0 - 7.0 / 34.0) - 1e-9);
  }

  private void cpuset() {
    if (!limits.cpusetCpus().isEmpty()) {
      write("cpuset", "cpuset.cpus", limits.cpusetCpus(), May.NOT_FAIL);
    }
    if (!limits.cpusetMems().isEmpty()) {
      write("cpuset", "cpuset.mems", limits.cpusetMems(), May.NOT_FAIL);
    }
  }

  private void memory() {
    boolean unified = layout.host().isUnified("memory");
    long memory = limits.memoryBytes();
    if (memory > 0) {
      write(
          "memory",
          "memory.limit_in_bytes",
          "memory.max",
          Long.toString(memory),
          Long.toString(memory));
      long swap = limits.memorySwapBytes() == 0 ? 2 * memory : limits.memorySwapBytes();
      if (unified) {
        String rest = swap < 0 ? "max" : Long.toString(swap - memory);
        write("memory", "memory.swap.max", rest, May.BE_MISSING); // CONFIG_SWAP, swapaccount
      } else if (swap > 0) {
        write("memory", "memory.memsw.limit_in_bytes", Long.toString(swap), May.FAIL);
      }
    }
    if (limits.memoryReservationBytes() > 0) {
      String value = Long.toString(limits.memoryReservationBytes());
      write("memory", "memory.soft_limit_in_bytes", "memory.low", value, value);
    }
    Integer swappiness = limits.memorySwappiness();
    if (swappiness != null && swappiness >= 0 && !unified) {
      write("memory", "memory.swappiness", swappiness.toString(), May.NOT_FAIL);
    }
    if (limits.oomKillDisable() && !unified) {
      write("memory", "memory.oom_control", "1", May.NOT_FAIL);
    }
  }

  private void pids() {
    if (limits.pidsLimit() > 0) {
      write("pids", "pids.max", Long.toString(limits.pidsLimit()), May.NOT_FAIL);
    }
  }

  private void blkio() {
    boolean unified = layout.host().isUnified("io");
    String controller = unified ? "io" : "blkio";
    int weight = limits.blkioWeight();
    if (weight > 0) {
      if (unified) {
        write(controller, "io.bfq.weight", Integer.toString(weight), May.FAIL);
        write(controller, "io.weight", Long.toString(1 + (weight - 10) * 9999L / 990), May.FAIL);
      } else {
        write(controller, "blkio.weight", Integer.toString(weight), May.FAIL);
        write(controller, "blkio.bfq.weight", Integer.toString(weight), May.FAIL);
      }
    }
    for (DeviceValue device : limits.blkioWeightDevice()) {
      write(
          controller,
          unified ? "io.bfq.weight" : "blkio.bfq.weight_device",
          DeviceNumber.of(device.path()) + " " + device.value(),
          May.FAIL);
    }
    throttle(controller, "read_bps", "rbps", limits.blkioReadBps());
    throttle(controller, "write_bps", "wbps", limits.blkioWriteBps());
    throttle(controller, "read_iops", "riops", limits.blkioReadIops());
    throttle(controller, "write_iops", "wiops", limits.blkioWriteIops());
  }

  private void throttle(String controller, String v1, String v2, List<DeviceValue> values) {
    for (DeviceValue device : values) {
      String number = DeviceNumber.of(device.path()).toString();
      if (controller.equals("io")) {
        write(controller, "io.max", number + " " + v2 + "=" + device.value(), May.NOT_FAIL);
      } else {
        write(
            controller,
            "blkio.throttle." + v1 + "_device",
            number + " " + device.value(),
            May.NOT_FAIL);
      }
    }
  }
}
