package io.jcompose.runtime.compile;

import io.jcompose.core.ContainerSpec.Security;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Mount;
import io.jcompose.runtime.PathRules;
import io.jcompose.runtime.TaskSpec;
import io.jcompose.runtime.cgroup.CgroupHost;
import io.jcompose.runtime.cgroup.CgroupLayout;
import io.jcompose.runtime.cgroup.CgroupPlan;
import io.jcompose.runtime.device.DeviceNodes;
import io.jcompose.runtime.device.DeviceNumber;
import io.jcompose.runtime.device.DeviceRule;
import io.jcompose.runtime.plan.Sysctls;
import io.jcompose.runtime.plan.TaskPlan;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * The part of a plan that builds what a container sees as its files: Docker's default mounts, the
 * user's, devices, masks.
 */
final class RootfsPlan {
  private static final int RDONLY = 1;
  private static final int NOSUID = 2;
  private static final int NODEV = 4;
  private static final int NOEXEC = 8;
  private static final int STRICTATIME = 0x20;
  private static final int MS_PRIVATE = 1 << 18;
  private static final int MS_SLAVE = 1 << 19;
  private static final int MS_SHARED = 1 << 20;
  private static final long DEFAULT_SHM = 64L << 20;
  private static final int ROOTFS_FLAG_REAL = 1;
  private static final int FLAG_MODE_BELOW = 2;
  private static final int BIND_OWN_FILE = 2;

  /** What every container has of its own, whatever its image has there. */
  private static final Set<String> OWN_FILES =
      Set.of("/etc/hosts", "/etc/hostname", "/etc/resolv.conf");

  private static final Set<String> PROC_TARGETS =
      Set.of(
          "/proc/cpuinfo",
          "/proc/diskstats",
          "/proc/meminfo",
          "/proc/stat",
          "/proc/swaps",
          "/proc/uptime",
          "/proc/loadavg",
          "/proc/slabinfo",
          "/proc/sys/kernel/ns_last_pid",
          "/proc/sys/crypto/fips_enabled");
  private static final List<String> MASKED_HERE = maskedHere();
  private static final boolean HAS_KCORE = Files.exists(Path.of("/proc/kcore"));

  private final TaskSpec task;
  private final Security security;
  private final CgroupLayout cgroups;
  private final Path runDir;
  private final DeviceNodes devices;

  /** What {@link #addTo} finds to open beforehand, in the order of its use. */
  private final TaskPlan sources = new TaskPlan();

  RootfsPlan(TaskSpec task, DeviceNodes devices, CgroupLayout cgroups, Path runDir) {
    this.devices = devices;
    this.task = task;
    this.security = task.spec().security();
    this.cgroups = cgroups;
    this.runDir = runDir;
  }

  /**
   * A path that is there on this machine is there for each container, so the rest is left out once
   * for all.
   */
  private static List<String> maskedHere() {
    List<String> masked = new ArrayList<>(PathRules.DEFAULT.masked());
    try (DirectoryStream<Path> cpus =
        Files.newDirectoryStream(Path.of("/sys/devices/system/cpu"), "cpu[0-9]*")) {
      for (Path cpu : cpus) {
        masked.add(cpu.resolve("thermal_throttle").toString());
      }
    } catch (IOException e) {
      return List.copyOf(masked);
    }
    masked.removeIf(path -> !Files.exists(Path.of(path)));
    masked.sort(Comparator.naturalOrder());
    return List.copyOf(masked);
  }

  /** A mount or device with the step that makes it. */
  private record Target(String path, Consumer<TaskPlan> step) {
    long depth() {
      return path.equals("/") ? 0 : path.chars().filter(c -> c == '/').count();
    }
  }

  /** Adds the steps from the overlay, which {@link #addRoot} makes, to the new root. */
  void addTo(TaskPlan plan, Map<String, String> sysctls) {
    targets().stream()
        .sorted(Comparator.comparingLong(Target::depth))
        .forEach(target -> target.step.accept(plan));
    devices(plan);
    plan.add(TaskPlan.Op.OWN_SYMLINK, "/proc/mounts", "/etc/mtab");
    sysctls.forEach(
        (key, value) -> plan.add(TaskPlan.Op.SYSCTL, "sys/" + Sysctls.path(key), value));
    PathRules rules = PathRules.of(security.privileged(), security.securityOpt());
    rules.readOnly().forEach(path -> plan.add(TaskPlan.Op.READONLY, path, 0));
    if (!rules.masked().isEmpty()) {
      MASKED_HERE.forEach(path -> plan.add(TaskPlan.Op.MASK, path));
    }
    String cwd = task.cwd();
    if (!cwd.isEmpty() && !cwd.equals("/")) {
      plan.add(TaskPlan.Op.MKDIR, cwd);
    }
    if (security.readOnlyRootfs()) {
      plan.add(TaskPlan.Op.ROOT_READONLY);
    }
    plan.add(TaskPlan.Op.PIVOT);
  }

  /** Adds the step that makes the root of the image's layers and the container's. */
  void addRoot(TaskPlan plan) {
    Mount.Overlay rootfs = task.rootfs();
    if (!task.users().isHost()) {
      rootfs.lower().forEach(layer -> plan.add(TaskPlan.Op.IDMAP, layer.toString()));
      // one mount for both, as overlayfs wants it
      plan.add(TaskPlan.Op.IDMAP, String.valueOf(rootfs.upper().getParent()));
    }
    List<Object> arguments = new ArrayList<>();
    arguments.add(task.users().ids().hostUser(0));
    arguments.add(task.users().ids().hostGroup(0));
    arguments.add(rootfs.lower().size());
    rootfs.lower().forEach(layer -> arguments.add(layer.toString()));
    arguments.add(rootfs.upper().toString());
    arguments.add(rootfs.work().toString());
    arguments.add(runDir.toString());
    arguments.add("");
    plan.add(TaskPlan.Op.OVERLAY, arguments.toArray());
  }

  private List<Target> targets() {
    Map<String, Target> all = new LinkedHashMap<>();
    defaults().forEach(target -> all.put(target.path, target));
    List<Mount> mounts = new ArrayList<>(devices.mounts());
    mounts.addAll(task.mounts());
    for (Mount mount : mounts) {
      String path = clean(mount.target());
      if (path.equals("/dev")) {
        all.keySet().removeIf(other -> other.startsWith("/dev/"));
      }
      all.put(path, new Target(path, plan -> user(plan, mount, path)));
    }
    return new ArrayList<>(all.values());
  }

  /** A mount's target as it is used; throws InvalidArgument for what can be none. */
  static String clean(String target) {
    Path path = Path.of(target).normalize();
    if (!path.isAbsolute()) {
      throw new JcomposeException.InvalidArgument(
          "invalid mount path: '" + target + "' mount path must be absolute");
    }
    String text = path.toString();
    if (text.equals("/")) {
      throw new JcomposeException.InvalidArgument("invalid mount: destination can't be '/'");
    }
    if (text.equals("/proc") || (text.startsWith("/proc/") && !PROC_TARGETS.contains(text))) {
      throw new JcomposeException.InvalidArgument(
          "cannot mount on \"" + text + "\": it is inside /proc");
    }
    return text;
  }

  private List<Target> defaults() {
    List<Target> all = new ArrayList<>();
    int readOnly = security.privileged() ? 0 : RDONLY;
    fs(all, "proc", "/proc", "", NOSUID | NOEXEC | NODEV);
    fs(all, "tmpfs", "/dev", "mode=755,size=65536k", NOSUID | STRICTATIME);
    fs(all, "devpts", "/dev/pts", "newinstance,ptmxmode=0666,mode=0620,gid=5", NOSUID | NOEXEC);
    fs(all, "sysfs", "/sys", "", NOSUID | NOEXEC | NODEV | readOnly);
    cgroups(all, readOnly);
    ipc(all);
    return all;
  }

  private static void fs(
      List<Target> all, String type, String target, String options, int attributes) {
    all.add(
        new Target(
            target,
            plan -> plan.add(TaskPlan.Op.FS, type, target, options, attributes, ROOTFS_FLAG_REAL)));
  }

  private void ipc(List<Target> all) {
    String mode = security.ipcMode();
    if (mode.equals("none")) {
      return;
    }
    fs(all, "mqueue", "/dev/mqueue", "", NOSUID | NOEXEC | NODEV);
    if (mode.equals("host")) {
      all.add(new Target("/dev/shm", plan -> bind(plan, "/dev/shm", "/dev/shm", true, 0)));
      return;
    }
    long joined = task.joined().ipcOf();
    if (joined != 0) {
      all.add(new Target("/dev/shm", plan -> shmOf(plan, joined)));
      return;
    }
    long bytes = task.spec().resources().shmBytes();
    fs(
        all,
        "tmpfs",
        "/dev/shm",
        "mode=1777,size=" + (bytes > 0 ? bytes : DEFAULT_SHM),
        NOSUID | NOEXEC | NODEV);
  }

  private void shmOf(TaskPlan plan, long pid) {
    sources.add(TaskPlan.Op.SOURCE, "/dev/shm", 0, 0, "/proc/" + pid + "/ns/mnt", "");
    plan.add(TaskPlan.Op.BIND, "", "/dev/shm", 0, 0, 0);
  }

  private void cgroups(List<Target> all, int readOnly) {
    CgroupHost host = cgroups.host();
    int attributes = NOSUID | NOEXEC | NODEV | readOnly;
    if (host.v1().isEmpty()) {
      fs(all, "cgroup2", "/sys/fs/cgroup", "", attributes);
      return;
    }
    fs(all, "tmpfs", "/sys/fs/cgroup", "mode=755", NOSUID | NOEXEC | NODEV);
    for (Path hierarchy : new CgroupPlan(cgroups, task.id(), task.spec().resources()).joined()) {
      Path group = v1Group(hierarchy);
      String target = "/sys/fs/cgroup/" + hierarchy.getFileName();
      all.add(new Target(target, plan -> bind(plan, group.toString(), target, false, attributes)));
    }
    if (readOnly != 0) { // one level deeper than its content, so that it comes last
      all.add(
          new Target(
              "/sys/fs/cgroup//", plan -> plan.add(TaskPlan.Op.READONLY, "/sys/fs/cgroup", 1)));
    }
  }

  private Path v1Group(Path hierarchy) {
    boolean devicesHierarchy = hierarchy.equals(cgroups.host().v1().get("devices"));
    return devicesHierarchy && devices.rules().equals(DeviceRule.STANDARD)
        ? cgroups.standardDevicesGroup(task.id())
        : cgroups.group(hierarchy, task.id());
  }

  /** Shows something of the engine's own choice. */
  private void bind(
      TaskPlan plan, String source, String target, boolean recursive, int attributes) {
    boolean early = !task.users().isHost();
    if (early) {
      sources.add(TaskPlan.Op.SOURCE, source, recursive ? 1 : 0, 0, "", "");
    }
    plan.add(TaskPlan.Op.BIND, early ? "" : source, target, recursive ? 1 : 0, attributes, 0);
  }

  private void bind(TaskPlan plan, Mount.Bind mount, String target) {
    int propagation = propagation(mount.propagation());
    if (propagation != MS_PRIVATE) {
      MountTable.read().checkPropagation(mount.source(), propagation == MS_SHARED);
    }
    int recursive = mount.recursive() ? 1 : 0;
    int flags = recursive | (OWN_FILES.contains(target) ? BIND_OWN_FILE : 0);
    boolean mapped = !task.users().isHost();
    boolean early = mapped || propagation == MS_SHARED || !mount.inside().isEmpty();
    String source = mount.source().toString();
    if (early) {
      int ids = mapped && mount.containers() ? 1 : 0;
      sources.add(TaskPlan.Op.SOURCE, source, recursive, ids, "", mount.inside());
    }
    int attributes = mount.readOnly() ? RDONLY : 0;
    plan.add(TaskPlan.Op.BIND, early ? "" : source, target, flags, attributes, propagation);
  }

  private void user(TaskPlan plan, Mount mount, String target) {
    switch (mount) {
      case Mount.Bind m -> bind(plan, m, target);
      case Mount.Tmpfs m -> tmpfs(plan, target, m.options());
      case Mount.Overlay m ->
          throw new JcomposeException.NotSupported("an overlay as a mount on " + m.target());
    }
  }

  private static int propagation(String word) {
    return switch (word) {
      case "", "rprivate", "private" -> MS_PRIVATE;
      case "rslave", "slave" -> MS_SLAVE;
      case "rshared", "shared" -> MS_SHARED;
      default ->
          throw new JcomposeException.InvalidArgument(
              "invalid propagation mode: \""
                  + word
                  + "\": use private, rprivate, shared, rshared, slave or rslave");
    };
  }

  /**
   * Adds the steps that open what {@link #addTo} mounts and must be opened early: while the tree is
   * the host's peer still, for what is shared with it, and before a user namespace, from which not
   * everything can be reached.
   */
  void addSources(TaskPlan plan) {
    plan.addAll(sources);
  }

  private static void tmpfs(TaskPlan plan, String target, String text) {
    TmpfsOptions options = TmpfsOptions.parse(text);
    int flags = options.hasMode() ? 0 : FLAG_MODE_BELOW;
    plan.add(TaskPlan.Op.FS, "tmpfs", target, options.data(), options.attributes(), flags);
  }

  private void devices(TaskPlan plan) {
    if (task.mounts().stream().anyMatch(mount -> clean(mount.target()).equals("/dev"))) {
      return;
    }
    DeviceNodes.standard().forEach(node -> node(plan, node));
    plan.add(TaskPlan.Op.SYMLINK, "/proc/self/fd", "/dev/fd");
    plan.add(TaskPlan.Op.SYMLINK, "/proc/self/fd/0", "/dev/stdin");
    plan.add(TaskPlan.Op.SYMLINK, "/proc/self/fd/1", "/dev/stdout");
    plan.add(TaskPlan.Op.SYMLINK, "/proc/self/fd/2", "/dev/stderr");
    plan.add(TaskPlan.Op.SYMLINK, "pts/ptmx", "/dev/ptmx");
    if (HAS_KCORE) {
      plan.add(TaskPlan.Op.SYMLINK, "/proc/kcore", "/dev/core");
    }
    devices.nodes().forEach(node -> node(plan, node));
  }

  private void node(TaskPlan plan, DeviceNodes.Node node) {
    if (!task.users().isHost()) { // in a user namespace nobody makes nodes
      bind(plan, node.source(), node.target(), false, 0);
      return;
    }
    DeviceNumber device = node.number();
    plan.add(
        TaskPlan.Op.DEVICE,
        node.target(),
        device.mode(),
        device.major(),
        device.minor(),
        device.uid(),
        device.gid());
  }
}
