package io.jcompose.runtime.compile;

import io.jcompose.core.ContainerSpec;
import io.jcompose.core.ContainerSpec.Security;
import io.jcompose.core.IdMap;
import io.jcompose.core.Ids;
import io.jcompose.runtime.NetworkNamespace;
import io.jcompose.runtime.TaskSpec;
import io.jcompose.runtime.cgroup.CgroupHost;
import io.jcompose.runtime.cgroup.CgroupLayout;
import io.jcompose.runtime.cgroup.CgroupPlan;
import io.jcompose.runtime.device.DeviceNodes;
import io.jcompose.runtime.plan.CloneFlags;
import io.jcompose.runtime.plan.ResourceLimit;
import io.jcompose.runtime.plan.Sysctls;
import io.jcompose.runtime.plan.TaskPlan;
import io.jcompose.runtime.security.AppArmor;
import io.jcompose.runtime.security.Capabilities;
import io.jcompose.runtime.security.SeccompFilter;
import io.jcompose.runtime.security.SecurityOptions;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Compiles a task's specification to the plan for its shim, in the order that is safe. */
public final class TaskCompiler {
  private static final int FLAG_TTY = 1;
  private static final int FLAG_STDIN = 2;
  private static final int FLAG_KILL_REST = 4;
  private static final int LOG_PACK = 1;

  private final TaskSpec task;
  private final ContainerSpec spec;
  private final Security security;
  private final SecurityOptions options;
  private final CgroupLayout cgroups;
  private final DeviceNodes devices;
  private final Path runDir;
  private final int attaches;
  private final TaskPlan plan = new TaskPlan();

  private TaskCompiler(
      TaskSpec task, DeviceNodes devices, CgroupLayout cgroups, Path runDir, int attaches) {
    this.devices = devices;
    this.task = task;
    this.spec = task.spec();
    this.security = spec.security();
    this.options = SecurityOptions.parse(security.securityOpt());
    this.cgroups = cgroups;
    this.runDir = runDir;
    this.attaches = attaches;
  }

  /**
   * What a task is started by, and what further programs in it are.
   *
   * @param template is part of the plan too, for an engine that adopts the task
   */
  public record Compiled(TaskPlan plan, ExecTemplate template) {}

  /**
   * The plan for a task.
   *
   * @param devices the task's devices
   * @param runDir the task's own run directory
   * @param attaches how many attaches the output waits for
   */
  public static Compiled compile(
      TaskSpec task, DeviceNodes devices, CgroupLayout cgroups, Path runDir, int attaches) {
    return new TaskCompiler(task, devices, cgroups, runDir, attaches).compile();
  }

  private Compiled compile() {
    CgroupPlan.check(spec.resources(), cgroups.host().cpus().cardinality());
    ExecTemplate template = template();
    header(template);
    RootfsPlan rootfs = new RootfsPlan(task, devices, cgroups, runDir);
    new CgroupPlan(cgroups, task.id(), spec.resources()).addTo(plan, devices.rules());
    child(template, rootfs);
    return new Compiled(plan, template);
  }

  private ExecTemplate template() {
    long caps = Capabilities.resolve(security.capAdd(), security.capDrop(), security.privileged());
    int join = CloneFlags.NEWNS | CloneFlags.NEWUTS | CloneFlags.NEWIPC | CloneFlags.NEWNET;
    if (privateCgroups()) {
      join |= CloneFlags.NEWCGROUP;
    }
    if (isMapped()) {
      join |= CloneFlags.NEWUSER;
    }
    return new ExecTemplate(
        environment(),
        task.cwd().isEmpty() ? "/" : task.cwd(),
        task.user(),
        spec.process().groupAdd(),
        caps,
        options.noNewPrivileges(),
        SeccompFilter.of(security, caps),
        ResourceLimit.of(security.ulimits()),
        join,
        spec.resources().oomScoreAdj(),
        task.users().ids().hostUser(0),
        task.users().ids().hostGroup(0),
        AppArmor.HERE.profile(options.appArmor(), security.privileged()),
        task.labels().process());
  }

  private boolean isMapped() {
    return !task.users().isHost();
  }

  private List<String> environment() {
    List<String> env =
        ExecTemplate.withDefault(
            ExecTemplate.merge(task.env(), devices.env()),
            "PATH",
            "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
    String hostname = task.hostname().isEmpty() ? Ids.brief(task.id()) : task.hostname();
    env = ExecTemplate.withDefault(env, "HOSTNAME", hostname);
    return spec.process().tty() ? ExecTemplate.withDefault(env, "TERM", "xterm") : env;
  }

  private boolean privateCgroups() {
    CgroupHost host = cgroups.host();
    return switch (security.cgroupnsMode()) {
      case "private" -> true;
      case "host" -> false;
      default -> host.v1().isEmpty();
    };
  }

  private void header(ExecTemplate template) {
    int flags = spec.process().tty() ? FLAG_TTY : 0;
    flags |= spec.process().stdinOpen() ? FLAG_STDIN : 0;
    boolean ownPids = ownPids();
    flags |= ownPids ? 0 : FLAG_KILL_REST;
    flags |= Math.min(attaches, 16) << 8;
    TaskSpec.LogSpec log = task.log();
    plan.add(
        TaskPlan.Op.TASK,
        task.id(),
        runDir.toString(),
        task.exitRecord().toString(),
        log.file() == null ? "" : log.file().toString(),
        log.maxBytes(),
        log.maxFiles(),
        flags,
        (long) (isMapped() ? CloneFlags.NEWNS : ownNamespaces(ownPids)));
    plan.add(TaskPlan.Op.META, template.encode());
    if (log.packed() || !log.attributes().isEmpty()) {
      plan.add(TaskPlan.Op.LOG, log.packed() ? LOG_PACK : 0, log.attributes());
    }
    switch (task.network()) {
      case NetworkNamespace.Fd(int fd) ->
          namespace(CloneFlags.NEWNET, "/proc/" + ProcessHandle.current().pid() + "/fd/" + fd);
      case NetworkNamespace.At(Path path, _) -> namespace(CloneFlags.NEWNET, path.toString());
      case NetworkNamespace.Host(), NetworkNamespace.Loopback() -> {}
    }
    if (isMapped()) {
      namespace(CloneFlags.NEWUSER, task.users().path());
    }
    joinTask(CloneFlags.NEWPID, task.joined().pidOf(), "pid");
    joinTask(CloneFlags.NEWIPC, task.joined().ipcOf(), "ipc");
    joinTask(CloneFlags.NEWUTS, task.joined().utsOf(), "uts");
  }

  private boolean ownPids() {
    return security.pidMode().isEmpty() && task.joined().pidOf() == 0;
  }

  private void namespace(int type, String path) {
    plan.add(TaskPlan.Op.NAMESPACE, type, path);
  }

  private void joinTask(int type, long pid, String name) {
    if (pid != 0) {
      namespace(type, "/proc/" + pid + "/ns/" + name);
    }
  }

  private int ownNamespaces(boolean ownPids) {
    int flags = CloneFlags.NEWNS;
    flags |= ownPids ? CloneFlags.NEWPID : 0;
    flags |= isOwn(security.ipcMode(), task.joined().ipcOf()) ? CloneFlags.NEWIPC : 0;
    flags |= isOwn(security.utsMode(), task.joined().utsOf()) ? CloneFlags.NEWUTS : 0;
    flags |= task.network() instanceof NetworkNamespace.Loopback ? CloneFlags.NEWNET : 0;
    return flags;
  }

  private static boolean isOwn(String mode, long joined) {
    return joined == 0 && !mode.equals("host");
  }

  private void child(ExecTemplate template, RootfsPlan rootfs) {
    plan.add(TaskPlan.Op.OOM_SCORE, Integer.toString(spec.resources().oomScoreAdj()));
    template.raiseLimits(plan);
    TaskPlan files = new TaskPlan();
    rootfs.addTo(files, sysctls());
    rootfs.addSources(plan);
    plan.add(TaskPlan.Op.ROOT_SLAVE);
    if (!task.labels().files().isEmpty()) {
      plan.add(TaskPlan.Op.FILE_LABEL, task.labels().files());
    }
    if (isMapped()) {
      rootfs.addRoot(plan);
      plan.add(TaskPlan.Op.SYNC); // it makes a process, which shall be in its groups
      IdMap ids = task.users().ids();
      plan.add(TaskPlan.Op.USERNS, ids.hostUser(0), ids.hostGroup(0), ownNamespaces(ownPids()));
    }
    if (privateCgroups() && !isMapped()) {
      plan.add(TaskPlan.Op.SYNC); // the namespace's root is the group that the process is in
    }
    if (privateCgroups()) {
      plan.add(TaskPlan.Op.UNSHARE, CloneFlags.NEWCGROUP);
    }
    if (task.network() instanceof NetworkNamespace.Loopback) {
      plan.add(TaskPlan.Op.LOOPBACK);
    }
    if (!template.label().isEmpty()) {
      plan.add(TaskPlan.Op.ATTRIBUTE, "keycreate", template.label());
    }
    plan.add(TaskPlan.Op.KEYRING, "_ses." + task.id());
    if (!isMapped()) {
      rootfs.addRoot(plan);
    }
    plan.addAll(files);
    if (isOwn(security.utsMode(), task.joined().utsOf())) {
      if (!task.hostname().isEmpty()) {
        plan.add(TaskPlan.Op.HOSTNAME, task.hostname());
      }
      if (!spec.process().domainname().isEmpty()) {
        plan.add(TaskPlan.Op.DOMAINNAME, spec.process().domainname());
      }
    }
    if (spec.process().tty()) {
      plan.add(TaskPlan.Op.TTY, 1, 0, 0);
    }
    if (!privateCgroups() && !isMapped()) {
      plan.add(TaskPlan.Op.SYNC);
    }
    template.addProcess(plan, template.cwd(), template.user());
    ExecTemplate.addExec(plan, task.args(), template.env(), spec.process().init());
  }

  private Map<String, String> sysctls() {
    Map<String, String> all = new TreeMap<>();
    boolean ownNetwork =
        switch (task.network()) {
          case NetworkNamespace.Host() -> false;
          case NetworkNamespace.At(_, boolean shared) -> !shared;
          case NetworkNamespace.Fd(_), NetworkNamespace.Loopback() -> true;
        };
    if (ownNetwork) {
      all.put("net.ipv4.ip_unprivileged_port_start", "0");
      if (!isMapped()) { // not all of these groups are in its map
        all.put("net.ipv4.ping_group_range", "0 2147483647");
      }
    }
    security
        .sysctls()
        .forEach(
            (key, value) -> {
              Sysctls.check(key, ownNetwork, security.ipcMode());
              all.put(key, value);
            });
    return all;
  }
}
