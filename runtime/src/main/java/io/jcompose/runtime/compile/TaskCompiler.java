package io.jcompose.runtime.compile;

import io.jcompose.core.ContainerSpec;
import io.jcompose.core.ContainerSpec.Security;
import io.jcompose.core.IdMap;
import io.jcompose.core.Ids;
import io.jcompose.runtime.HeldProcess;
import io.jcompose.runtime.NetworkNamespace;
import io.jcompose.runtime.TaskSpec;
import io.jcompose.runtime.cgroup.CgroupHost;
import io.jcompose.runtime.cgroup.CgroupLayout;
import io.jcompose.runtime.cgroup.CgroupPlan;
import io.jcompose.runtime.device.DeviceNodes;
import io.jcompose.runtime.plan.CloneFlags;
import io.jcompose.runtime.plan.ResourceLimit;
import io.jcompose.runtime.plan.Step;
import io.jcompose.runtime.plan.Sysctls;
import io.jcompose.runtime.plan.TaskPlan;
import io.jcompose.runtime.security.AppArmor;
import io.jcompose.runtime.security.Capabilities;
import io.jcompose.runtime.security.SeccompFilter;
import io.jcompose.runtime.security.SecurityOptions;
import io.jcompose.runtime.user.ProcessUser;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Compiles a task's specification to the plan for its shim, in the order that is safe. */
public final class TaskCompiler {
  private final TaskSpec task;
  private final ProcessUser user;
  private final ContainerSpec spec;
  private final Security security;
  private final SecurityOptions options;
  private final CgroupLayout cgroups;
  private final DeviceNodes devices;
  private final Path runDir;
  private final int nextLog;
  private final int attaches;
  private final TaskPlan plan = new TaskPlan();

  private TaskCompiler(
      TaskSpec task,
      ProcessUser user,
      DeviceNodes devices,
      CgroupLayout cgroups,
      Path runDir,
      int nextLog,
      int attaches) {
    this.user = user;
    this.nextLog = nextLog;
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
   * @param template also for an engine that adopts the task
   */
  public record Compiled(TaskPlan plan, ExecTemplate template) {}

  /**
   * The plan for a task.
   *
   * @param user the task's, as numbers
   * @param devices the task's devices
   * @param runDir the task's own run directory
   * @param nextLog the number of the log's file that is rotated next
   * @param attaches how many attaches the output waits for
   */
  public static Compiled compile(
      TaskSpec task,
      ProcessUser user,
      DeviceNodes devices,
      CgroupLayout cgroups,
      Path runDir,
      int nextLog,
      int attaches) {
    return new TaskCompiler(task, user, devices, cgroups, runDir, nextLog, attaches).compile();
  }

  private Compiled compile() {
    CgroupPlan.check(spec.resources(), cgroups.host().cpus().cardinality());
    ExecTemplate template = template();
    header();
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
        ResourceLimit.of(security.ulimits()).stream().map(HostLimits.here()::resolve).toList(),
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

  private void header() {
    TaskSpec.LogSpec log = task.log();
    boolean ownPids = ownPids();
    plan.add(
        new Step.Task(
            task.id(),
            runDir,
            task.exitRecord(),
            spec.process().tty(),
            spec.process().stdinOpen(),
            !ownPids,
            attaches,
            isMapped() ? CloneFlags.NEWNS : ownNamespaces(ownPids)));
    if (log.file() != null) {
      plan.add(
          new Step.Log(
              log.file(), log.maxBytes(), log.maxFiles(), nextLog, log.attributes(), log.packed()));
    }
    joined();
  }

  /** The namespaces that are there already. */
  private void joined() {
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
    return security.pidMode().isEmpty() && task.joined().pidOf() == null;
  }

  private void namespace(int type, String path) {
    plan.add(new Step.Namespace(type, path));
  }

  private void joinTask(int type, @Nullable HeldProcess of, String kind) {
    if (of != null) {
      namespace(type, of.namespace(kind).toString());
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

  private static boolean isOwn(String mode, @Nullable HeldProcess joined) {
    return joined == null && !mode.equals("host");
  }

  private void child(ExecTemplate template, RootfsPlan rootfs) {
    plan.add(new Step.OomScore(spec.resources().oomScoreAdj()));
    template.raiseLimits(plan);
    TaskPlan files = new TaskPlan();
    rootfs.addTo(files, sysctls());
    rootfs.addSources(plan);
    plan.add(Step.Simple.ROOT_SLAVE);
    if (!task.labels().files().isEmpty()) {
      plan.add(new Step.FileLabel(task.labels().files()));
    }
    if (isMapped()) {
      rootfs.addRoot(plan);
    }
    template.addLabels(plan);
    if (!template.label().isEmpty()) {
      plan.add(new Step.Attribute("keycreate", template.label()));
    }
    namespaces();
    if (!isMapped()) {
      rootfs.addRoot(plan);
    }
    plan.addAll(files.steps());
    names();
    if (spec.process().tty()) {
      plan.add(new Step.Tty(true, 0, 0));
    }
    if (!privateCgroups() && !isMapped()) {
      plan.add(Step.Simple.SYNC);
    }
    boolean entersPids = task.joined().pidOf() != null;
    template.addProcess(plan, template.cwd(), template.user(), user, entersPids);
    plan.add(
        new Step.Exec(
            spec.process().init(),
            task.args(),
            ExecTemplate.withDefault(template.env(), "HOME", user.home())));
  }

  /** The namespaces that the clone does not make, and what belongs into them. */
  private void namespaces() {
    if (isMapped()) {
      plan.add(Step.Simple.SYNC); // it makes a process, which must be in the groups
      IdMap ids = task.users().ids();
      int own = ownNamespaces(ownPids());
      plan.add(new Step.Userns(ids.hostUser(0), ids.hostGroup(0), own, false));
    }
    if (privateCgroups() && !isMapped()) {
      plan.add(Step.Simple.SYNC); // the namespace's root is the group that the process is in
    }
    if (privateCgroups()) {
      plan.add(new Step.Unshare(CloneFlags.NEWCGROUP));
    }
    if (task.network() instanceof NetworkNamespace.Loopback) {
      plan.add(Step.Simple.LOOPBACK);
    }
    plan.add(Step.Simple.KEYRING);
  }

  private void names() {
    if (isOwn(security.utsMode(), task.joined().utsOf())) {
      if (!task.hostname().isEmpty()) {
        plan.add(new Step.Hostname(task.hostname()));
      }
      if (!spec.process().domainname().isEmpty()) {
        plan.add(new Step.Domainname(spec.process().domainname()));
      }
    }
  }

  private Map<String, String> sysctls() {
    Map<String, String> all = new TreeMap<>();
    boolean ownNetwork =
        switch (task.network()) {
          case NetworkNamespace.Host() -> false;
          case NetworkNamespace.At(_, boolean shared) -> !shared;
          case NetworkNamespace.Fd(_), NetworkNamespace.Loopback() -> true;
        };
    if (task.network() instanceof NetworkNamespace.Loopback) { // the network's maker sets others
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
