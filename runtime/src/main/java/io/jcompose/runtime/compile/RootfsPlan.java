package io.jcompose.runtime.compile;

import static io.jcompose.runtime.plan.MountAttributes.NODEV;
import static io.jcompose.runtime.plan.MountAttributes.NOEXEC;
import static io.jcompose.runtime.plan.MountAttributes.NOSUID;
import static io.jcompose.runtime.plan.MountAttributes.RDONLY;
import static io.jcompose.runtime.plan.MountAttributes.STRICTATIME;

import io.jcompose.core.ContainerSpec.Security;
import io.jcompose.core.IdMap;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Mount;
import io.jcompose.linux.mount.Overlays;
import io.jcompose.runtime.HeldProcess;
import io.jcompose.runtime.OciRuntime;
import io.jcompose.runtime.PathRules;
import io.jcompose.runtime.TaskSpec;
import io.jcompose.runtime.cgroup.CgroupHost;
import io.jcompose.runtime.cgroup.CgroupLayout;
import io.jcompose.runtime.cgroup.CgroupPlan;
import io.jcompose.runtime.device.DeviceNodes;
import io.jcompose.runtime.device.DeviceNumber;
import io.jcompose.runtime.device.DeviceRule;
import io.jcompose.runtime.plan.Step;
import io.jcompose.runtime.plan.Step.Propagation;
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
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The part of a plan that builds what a container sees as its files: Docker's default mounts, the
 * user's, devices, masks.
 */
final class RootfsPlan {
  private static final Logger LOG = LoggerFactory.getLogger(RootfsPlan.class);
  private static final long DEFAULT_SHM = 64L << 20;

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
  private static final List<Step.Mask> MASKED_HERE = maskedHere();
  private static final boolean HAS_KCORE = Files.exists(Path.of("/proc/kcore"));

  private final TaskSpec task;
  private final Security security;
  private final CgroupLayout cgroups;
  private final Path runDir;
  private final DeviceNodes devices;

  /** What {@link #addTo} finds to open beforehand, in the order of its use. */
  private final List<Step> sources = new ArrayList<>();

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
  private static List<Step.Mask> maskedHere() {
    List<String> masked = new ArrayList<>(PathRules.DEFAULT.masked());
    try (DirectoryStream<Path> cpus =
        Files.newDirectoryStream(Path.of("/sys/devices/system/cpu"), "cpu[0-9]*")) {
      for (Path cpu : cpus) {
        masked.add(cpu.resolve("thermal_throttle").toString());
      }
    } catch (IOException e) {
      LOG.debug("no processors are listed: {}", e.toString());
    }
    return masked.stream()
        .filter(path -> Files.exists(Path.of(path)))
        .sorted()
        .map(path -> new Step.Mask(path, Files.isDirectory(Path.of(path))))
        .toList();
  }

  /** A mount or device with the step that makes it. */
  private record Target(String path, Supplier<Step> step) {
    long depth() {
      return path.equals("/") ? 0 : path.chars().filter(c -> c == '/').count();
    }
  }

  /** Adds the steps from the overlay, which {@link #addRoot} makes, to the new root. */
  void addTo(TaskPlan plan, Map<String, String> sysctls) {
    targets().stream()
        .sorted(Comparator.comparingLong(Target::depth))
        .forEach(target -> plan.add(target.step.get()));
    devices(plan);
    plan.add(new Step.OwnSymlink("/proc/mounts", "/etc/mtab"));
    sysctls.forEach((key, value) -> plan.add(new Step.Sysctl(Sysctls.path(key), value)));
    PathRules rules = rules();
    rules.readOnly().forEach(path -> plan.add(new Step.Readonly(path, false)));
    if (!rules.masked().isEmpty()) {
      plan.addAll(MASKED_HERE);
    }
    String cwd = task.cwd();
    if (!cwd.isEmpty() && !cwd.equals("/")) {
      plan.add(new Step.Mkdir(cwd));
    }
    if (security.readOnlyRootfs()) {
      plan.add(Step.Simple.ROOT_READONLY);
    }
    plan.add(Step.Simple.PIVOT);
  }

  private PathRules rules() {
    return PathRules.of(security.privileged(), security.securityOpt());
  }

  /** Adds the step that makes the root of the image's layers and the container's. */
  void addRoot(TaskPlan plan) {
    Mount.Overlay rootfs = task.rootfs();
    if (!task.users().isHost()) {
      rootfs.lower().forEach(layer -> plan.add(new Step.Idmap(layer)));
      // one mount for both, as overlayfs wants it
      plan.add(new Step.Idmap(Objects.requireNonNull(rootfs.upper().getParent())));
    }
    IdMap ids = task.users().ids();
    plan.add(
        new Step.Overlay(
            ids.hostUser(0),
            ids.hostGroup(0),
            rootfs.lower(),
            rootfs.upper(),
            rootfs.work(),
            runDir,
            Overlays.takeLayerByLayer()));
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
      all.put(path, new Target(path, () -> user(mount, path)));
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
    HeldProcess others = task.joined().pidOf();
    if (others == null || OciRuntime.isWanted(task.spec())) {
      fs(all, "proc", "/proc", "", NOSUID | NOEXEC | NODEV);
    } else { // a new one would show the namespace that the child is in until it goes on
      all.add(new Target("/proc", () -> mountOf(others, "/proc")));
    }
    fs(all, "tmpfs", "/dev", "mode=755,size=65536k", NOSUID | STRICTATIME);
    fs(all, "devpts", "/dev/pts", "newinstance,ptmxmode=0666,mode=0620,gid=5", NOSUID | NOEXEC);
    fs(all, "sysfs", "/sys", "", NOSUID | NOEXEC | NODEV | readOnly);
    cgroups(all, readOnly);
    ipc(all);
    return all;
  }

  private static void fs(
      List<Target> all, String type, String target, String options, int attributes) {
    Step step = new Step.Fs(type, target, options, attributes, Step.Fs.Target.REAL);
    all.add(new Target(target, () -> step));
  }

  private void ipc(List<Target> all) {
    String mode = security.ipcMode();
    if (mode.equals("none")) {
      return;
    }
    fs(all, "mqueue", "/dev/mqueue", "", NOSUID | NOEXEC | NODEV);
    if (mode.equals("host")) {
      all.add(new Target("/dev/shm", () -> bind("/dev/shm", "/dev/shm", true, 0)));
      return;
    }
    HeldProcess joined = task.joined().ipcOf();
    if (joined != null) {
      all.add(new Target("/dev/shm", () -> mountOf(joined, "/dev/shm")));
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

  /** Another task's mount. */
  private Step mountOf(HeldProcess other, String target) {
    sources.add(new Step.Source(target, false, false, other.namespace("mnt").toString(), ""));
    return new Step.Bind("", target, false, false, 0, Propagation.PRIVATE);
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
      all.add(new Target(target, () -> bind(group.toString(), target, false, attributes)));
    }
    if (readOnly != 0) { // one level deeper than its content, so that it comes last
      all.add(new Target("/sys/fs/cgroup//", () -> new Step.Readonly("/sys/fs/cgroup", true)));
    }
  }

  private Path v1Group(Path hierarchy) {
    boolean devicesHierarchy = hierarchy.equals(cgroups.host().v1().get("devices"));
    return devicesHierarchy && devices.rules().equals(DeviceRule.STANDARD)
        ? cgroups.standardDevicesGroup(task.id())
        : cgroups.group(hierarchy, task.id());
  }

  /** Shows something of the engine's own choice. */
  private Step bind(String source, String target, boolean recursive, int attributes) {
    boolean early = !task.users().isHost();
    if (early) {
      sources.add(new Step.Source(source, recursive, false, "", ""));
    }
    return new Step.Bind(
        early ? "" : source, target, recursive, false, attributes, Propagation.AS_MADE);
  }

  private Step bind(Mount.Bind mount, String target) {
    Propagation propagation = propagation(mount.propagation());
    if (propagation != Propagation.PRIVATE) {
      MountTable.read().checkPropagation(mount.source(), propagation == Propagation.SHARED);
    }
    boolean mapped = !task.users().isHost();
    boolean early = mapped || propagation == Propagation.SHARED || !mount.inside().isEmpty();
    String source = mount.source().toString();
    if (early) {
      boolean ids = mapped && mount.containers();
      sources.add(new Step.Source(source, mount.recursive(), ids, "", mount.inside()));
    }
    return new Step.Bind(
        early ? "" : source,
        target,
        mount.recursive(),
        OWN_FILES.contains(target),
        mount.readOnly() ? RDONLY : 0,
        propagation);
  }

  private Step user(Mount mount, String target) {
    return switch (mount) {
      case Mount.Bind m -> bind(m, target);
      case Mount.Tmpfs m -> tmpfs(target, m.options());
      case Mount.Overlay m ->
          throw new JcomposeException.NotSupported("an overlay as a mount on " + m.target());
    };
  }

  private static Propagation propagation(String word) {
    return switch (word) {
      case "", "rprivate", "private" -> Propagation.PRIVATE;
      case "rslave", "slave" -> Propagation.SLAVE;
      case "rshared", "shared" -> Propagation.SHARED;
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
    if (!rules().masked().isEmpty()) {
      plan.add(Step.Simple.NULL_COVER);
    }
  }

  private static Step tmpfs(String target, String text) {
    TmpfsOptions options = TmpfsOptions.parse(text);
    return new Step.Fs(
        "tmpfs",
        target,
        options.data(),
        options.attributes(),
        options.hasMode() ? Step.Fs.Target.ANYTHING : Step.Fs.Target.MODE_GIVING);
  }

  private void devices(TaskPlan plan) {
    if (task.mounts().stream().anyMatch(mount -> clean(mount.target()).equals("/dev"))) {
      return;
    }
    DeviceNodes.standard().forEach(node -> plan.add(node(node)));
    plan.add(new Step.Symlink("/proc/self/fd", "/dev/fd"));
    plan.add(new Step.Symlink("/proc/self/fd/0", "/dev/stdin"));
    plan.add(new Step.Symlink("/proc/self/fd/1", "/dev/stdout"));
    plan.add(new Step.Symlink("/proc/self/fd/2", "/dev/stderr"));
    plan.add(new Step.Symlink("pts/ptmx", "/dev/ptmx"));
    if (HAS_KCORE) {
      plan.add(new Step.Symlink("/proc/kcore", "/dev/core"));
    }
    devices.nodes().forEach(node -> plan.add(node(node)));
  }

  private Step node(DeviceNodes.Node node) {
    if (!task.users().isHost()) { // in a user namespace nobody makes nodes
      return bind(node.source(), node.target(), false, 0);
    }
    DeviceNumber device = node.number();
    return new Step.Device(
        node.target(), device.mode(), device.major(), device.minor(), device.uid(), device.gid());
  }
}
