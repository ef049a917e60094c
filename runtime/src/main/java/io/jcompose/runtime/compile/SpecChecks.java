package io.jcompose.runtime.compile;

import io.jcompose.core.ContainerSpec;
import io.jcompose.core.ContainerSpec.MountSpec;
import io.jcompose.core.ContainerSpec.ProcessSpec;
import io.jcompose.core.ContainerSpec.Security;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Resources;
import io.jcompose.core.Resources.DeviceValue;
import io.jcompose.runtime.OciRuntime;
import io.jcompose.runtime.cgroup.CgroupLayout;
import io.jcompose.runtime.cgroup.CgroupPlan;
import io.jcompose.runtime.cgroup.CpuList;
import io.jcompose.runtime.device.DeviceNodes;
import io.jcompose.runtime.device.DeviceNumber;
import io.jcompose.runtime.plan.ExecWords;
import io.jcompose.runtime.plan.ResourceLimit;
import io.jcompose.runtime.plan.Sysctls;
import io.jcompose.runtime.security.AppArmor;
import io.jcompose.runtime.security.Capabilities;
import io.jcompose.runtime.security.SecurityOptions;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * What of a container this machine cannot give, found by looking only at its spec: the same rules
 * that its plan is made by, asked before anything exists. Confined to one thread.
 */
public final class SpecChecks {
  private static final int NAME_LIMIT = 64; // __NEW_UTS_LEN

  private final CgroupLayout cgroups;
  private final List<JcomposeException> problems = new ArrayList<>();

  private SpecChecks(CgroupLayout cgroups) {
    this.cgroups = cgroups;
  }

  /** All reasons, in Docker's words where it has some; empty when there is none. */
  public static List<JcomposeException> of(
      ContainerSpec spec, CgroupLayout cgroups, Map<String, OciRuntime> runtimes) {
    SpecChecks checks = new SpecChecks(cgroups);
    if (OciRuntime.isWanted(spec)) {
      checks.check(() -> OciRuntime.find(spec.security().runtime(), runtimes));
      checks.check(() -> OciRuntime.refuseUnsupported(spec));
    }
    checks.security(spec.security());
    checks.sysctls(spec);
    checks.resources(spec.resources());
    checks.process(spec.process());
    for (MountSpec mount : spec.mounts()) {
      checks.check(() -> RootfsPlan.clean(mount.target()));
      if (mount instanceof MountSpec.Tmpfs tmpfs) {
        checks.check(() -> TmpfsOptions.parse(tmpfs.options()));
      }
    }
    return checks.problems;
  }

  /** Words that the kernel refuses: man 2 sethostname, man 2 execve. */
  private void process(ProcessSpec process) {
    check(() -> name("hostname", process.hostname()));
    check(() -> name("domainname", process.domainname()));
    List<String> words = new ArrayList<>();
    words.addAll(process.entrypoint() == null ? List.of() : process.entrypoint());
    words.addAll(process.command() == null ? List.of() : process.command());
    check(() -> ExecWords.check(words, process.env()));
  }

  private static void name(String option, String value) {
    int bytes = value.getBytes(StandardCharsets.UTF_8).length;
    if (bytes > NAME_LIMIT) {
      throw new JcomposeException.InvalidArgument(
          "invalid %s \"%s\": it has %d bytes, and the kernel takes %d"
              .formatted(option, value, bytes, NAME_LIMIT));
    }
  }

  private void security(Security security) {
    check(
        () -> {
          SecurityOptions options = SecurityOptions.parse(security.securityOpt());
          AppArmor.HERE.profile(options.appArmor(), security.privileged());
        });
    check(() -> ResourceLimit.of(security.ulimits()));
    if (!security.ulimits().isEmpty()) {
      HostLimits limits = HostLimits.here();
      security.ulimits().forEach((name, limit) -> check(() -> limits.require(name, limit.hard())));
    }
    check(() -> Capabilities.resolve(security.capAdd(), security.capDrop(), false));
    if (!security.devices().isEmpty() || !security.deviceCgroupRules().isEmpty()) {
      check(() -> DeviceNodes.of(security));
    }
  }

  private void sysctls(ContainerSpec spec) {
    String mode = spec.networking().mode();
    boolean ownNetwork = !mode.equals("host") && !mode.startsWith("container:");
    for (String key : spec.security().sysctls().keySet()) {
      check(() -> Sysctls.check(key, ownNetwork, spec.security().ipcMode()));
    }
  }

  private void resources(Resources limits) {
    check(() -> CgroupPlan.check(limits, cgroups.host().cpus().cardinality()));
    if (!limits.cpusetCpus().isEmpty()) {
      check(() -> cpuset(limits.cpusetCpus()));
    }
    List<Function<Resources, List<DeviceValue>>> lists =
        List.of(
            Resources::blkioWeightDevice,
            Resources::blkioReadBps,
            Resources::blkioWriteBps,
            Resources::blkioReadIops,
            Resources::blkioWriteIops);
    for (Function<Resources, List<DeviceValue>> list : lists) {
      for (DeviceValue device : list.apply(limits)) {
        check(() -> DeviceNumber.of(device.path()));
      }
    }
  }

  private void cpuset(String wanted) {
    BitSet available = cgroups.host().cpus();
    BitSet missing = CpuList.parse(wanted);
    missing.andNot(available);
    if (!missing.isEmpty()) {
      throw new JcomposeException.InvalidArgument(
          "Requested CPUs are not available - requested "
              + wanted
              + ", available: "
              + CpuList.text(available));
    }
  }

  private void check(Runnable rule) {
    try {
      rule.run();
    } catch (JcomposeException e) {
      problems.add(e);
    }
  }
}
