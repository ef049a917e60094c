package io.jcompose.runtime;

import io.jcompose.core.ContainerSpec;
import io.jcompose.core.ContainerSpec.Security;
import io.jcompose.core.ContainerSpec.Ulimit;
import io.jcompose.core.IdMap;
import io.jcompose.core.Ids;
import io.jcompose.core.JcomposeException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Compiles a task's specification to the plan for its shim, in the order that is safe. */
final class TaskPlan {
  static final int NEWNS = 0x00020000;
  static final int NEWCGROUP = 0x02000000;
  static final int NEWUTS = 0x04000000;
  static final int NEWIPC = 0x08000000;
  static final int NEWUSER = 0x10000000;
  static final int NEWPID = 0x20000000;
  static final int NEWNET = 0x40000000;

  private static final int FLAG_TTY = 1;
  private static final int FLAG_STDIN = 2;
  private static final int FLAG_KILL_REST = 4;
  private static final int LOG_PACK = 1;
  private static final int RLIMIT_NOFILE = 7;

  /** The kernel's numbers: include/uapi/asm-generic/resource.h. */
  private static final Map<String, Integer> RLIMITS =
      Map.ofEntries(
          Map.entry("cpu", 0),
          Map.entry("fsize", 1),
          Map.entry("data", 2),
          Map.entry("stack", 3),
          Map.entry("core", 4),
          Map.entry("rss", 5),
          Map.entry("nproc", 6),
          Map.entry("nofile", RLIMIT_NOFILE),
          Map.entry("memlock", 8),
          Map.entry("as", 9),
          Map.entry("locks", 10),
          Map.entry("sigpending", 11),
          Map.entry("msgqueue", 12),
          Map.entry("nice", 13),
          Map.entry("rtprio", 14),
          Map.entry("rttime", 15));

  private static final Set<String> IPC_SYSCTLS =
      Set.of(
          "kernel.msgmax",
          "kernel.msgmnb",
          "kernel.msgmni",
          "kernel.sem",
          "kernel.shmall",
          "kernel.shmmax",
          "kernel.shmmni",
          "kernel.shm_rmid_forced");

  private final TaskSpec task;
  private final ContainerSpec spec;
  private final Security security;
  private final SecurityOptions options;
  private final CgroupLayout cgroups;
  private final DeviceNodes devices;
  private final Path runDir;
  private final int attaches;
  private final Plan plan = new Plan();

  private TaskPlan(
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
   * The plan for a task.
   *
   * @param devices the task's devices
   * @param runDir the task's own run directory
   * @param attaches how many attaches the output waits for
   */
  static Plan compile(
      TaskSpec task, DeviceNodes devices, CgroupLayout cgroups, Path runDir, int attaches) {
    return new TaskPlan(task, devices, cgroups, runDir, attaches).compile();
  }

  private Plan compile() {
    CgroupPlan.check(spec.resources(), cgroups.host().cpus().cardinality());
    ExecTemplate template = template();
    header(template);
    RootfsPlan rootfs = new RootfsPlan(task, options.systemPaths(), devices, cgroups, runDir);
    new CgroupPlan(cgroups, task.id(), spec.resources()).addTo(plan, devices.rules());
    child(template, rootfs);
    return plan;
  }

  private ExecTemplate template() {
    long caps = Capabilities.resolve(security.capAdd(), security.capDrop(), security.privileged());
    int join = NEWNS | NEWUTS | NEWIPC | NEWNET;
    if (privateCgroups()) {
      join |= NEWCGROUP;
    }
    if (isMapped()) {
      join |= NEWUSER;
    }
    return new ExecTemplate(
        environment(),
        task.cwd().isEmpty() ? "/" : task.cwd(),
        task.user(),
        spec.process().groupAdd(),
        caps,
        options.noNewPrivileges(),
        SeccompFilter.of(security, caps),
        limits(security.ulimits()),
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

  /** A limit's name in upper case, by its number. */
  static String limitName(int resource) {
    for (Map.Entry<String, Integer> limit : RLIMITS.entrySet()) {
      if (limit.getValue() == resource) {
        return limit.getKey().toUpperCase(Locale.ROOT);
      }
    }
    throw new IllegalArgumentException("no resource limit " + resource);
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

  static List<ExecTemplate.Limit> limits(Map<String, Ulimit> ulimits) {
    List<ExecTemplate.Limit> limits = new ArrayList<>();
    Map<String, Ulimit> wanted = new TreeMap<>(ulimits);
    // What a JVM has raised for itself must not reach a container; systemd's default, as dockerd's.
    wanted.putIfAbsent("nofile", new Ulimit(1024, 524288));
    wanted.forEach(
        (name, limit) -> {
          Integer resource = RLIMITS.get(name);
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
          limits.add(
              new ExecTemplate.Limit(
                  resource, limit.soft(), limit.hard(), !ulimits.containsKey(name)));
        });
    return limits;
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
        Plan.Op.TASK,
        task.id(),
        runDir.toString(),
        task.bundleDir().resolve(ExitRecord.FILE).toString(),
        log.file() == null ? "" : log.file().toString(),
        log.maxBytes(),
        log.maxFiles(),
        flags,
        (long) (isMapped() ? NEWNS : ownNamespaces(ownPids)));
    plan.add(Plan.Op.META, template.encode());
    if (log.packed() || !log.attributes().isEmpty()) {
      plan.add(Plan.Op.LOG, log.packed() ? LOG_PACK : 0, log.attributes());
    }
    switch (task.network()) {
      case NetworkNamespace.Fd(int fd) ->
          namespace(NEWNET, "/proc/" + ProcessHandle.current().pid() + "/fd/" + fd);
      case NetworkNamespace.At(Path path, _) -> namespace(NEWNET, path.toString());
      case NetworkNamespace.Host(), NetworkNamespace.Loopback() -> {}
    }
    if (isMapped()) {
      namespace(NEWUSER, task.users().path());
    }
    joinTask(NEWPID, task.joined().pidOf(), "pid");
    joinTask(NEWIPC, task.joined().ipcOf(), "ipc");
    joinTask(NEWUTS, task.joined().utsOf(), "uts");
  }

  private boolean ownPids() {
    return security.pidMode().isEmpty() && task.joined().pidOf() == 0;
  }

  private void namespace(int type, String path) {
    plan.add(Plan.Op.NAMESPACE, type, path);
  }

  private void joinTask(int type, long pid, String name) {
    if (pid != 0) {
      namespace(type, "/proc/" + pid + "/ns/" + name);
    }
  }

  private int ownNamespaces(boolean ownPids) {
    int flags = NEWNS;
    flags |= ownPids ? NEWPID : 0;
    flags |= isOwn(security.ipcMode(), task.joined().ipcOf()) ? NEWIPC : 0;
    flags |= isOwn(security.utsMode(), task.joined().utsOf()) ? NEWUTS : 0;
    flags |= task.network() instanceof NetworkNamespace.Loopback ? NEWNET : 0;
    return flags;
  }

  private static boolean isOwn(String mode, long joined) {
    return joined == 0 && !mode.equals("host");
  }

  private void child(ExecTemplate template, RootfsPlan rootfs) {
    plan.add(Plan.Op.OOM_SCORE, Integer.toString(spec.resources().oomScoreAdj()));
    template.raiseLimits(plan);
    Plan files = new Plan();
    rootfs.addTo(files, sysctls());
    rootfs.addSources(plan);
    plan.add(Plan.Op.ROOT_SLAVE);
    if (!task.labels().files().isEmpty()) {
      plan.add(Plan.Op.FILE_LABEL, task.labels().files());
    }
    if (isMapped()) {
      rootfs.addRoot(plan);
      plan.add(Plan.Op.SYNC); // it makes a process, which shall be in its groups
      IdMap ids = task.users().ids();
      plan.add(Plan.Op.USERNS, ids.hostUser(0), ids.hostGroup(0), ownNamespaces(ownPids()));
    }
    if (privateCgroups() && !isMapped()) {
      plan.add(Plan.Op.SYNC); // the namespace's root is the group that the process is in
    }
    if (privateCgroups()) {
      plan.add(Plan.Op.UNSHARE, NEWCGROUP);
    }
    if (task.network() instanceof NetworkNamespace.Loopback) {
      plan.add(Plan.Op.LOOPBACK);
    }
    if (!template.label().isEmpty()) {
      plan.add(Plan.Op.ATTRIBUTE, "keycreate", template.label());
    }
    plan.add(Plan.Op.KEYRING, "_ses." + task.id());
    if (!isMapped()) {
      rootfs.addRoot(plan);
    }
    plan.addAll(files);
    if (isOwn(security.utsMode(), task.joined().utsOf())) {
      if (!task.hostname().isEmpty()) {
        plan.add(Plan.Op.HOSTNAME, task.hostname());
      }
      if (!spec.process().domainname().isEmpty()) {
        plan.add(Plan.Op.DOMAINNAME, spec.process().domainname());
      }
    }
    if (spec.process().tty()) {
      plan.add(Plan.Op.TTY, 1, 0, 0);
    }
    if (!privateCgroups() && !isMapped()) {
      plan.add(Plan.Op.SYNC);
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
              checkSysctl(key, ownNetwork, security.ipcMode());
              all.put(key, value);
            });
    return all;
  }

  /** Refuses a kernel parameter that is not the container's own. */
  static void checkSysctl(String key, boolean ownNetwork, String ipcMode) {
    boolean network = key.startsWith("net.");
    boolean ipc = IPC_SYSCTLS.contains(key) || key.startsWith("fs.mqueue.");
    if (!network && !ipc) {
      throw new JcomposeException.InvalidArgument(
          "sysctl \"" + key + "\" is not in a separate kernel namespace");
    }
    if ((network && !ownNetwork) || (ipc && ipcMode.equals("host"))) {
      throw new JcomposeException.InvalidArgument(
          "sysctl \"" + key + "\" not allowed in host " + (ipc ? "ipc" : "network") + " namespace");
    }
  }
}
