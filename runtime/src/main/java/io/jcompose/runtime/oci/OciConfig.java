package io.jcompose.runtime.oci;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jcompose.core.JcomposeException;
import io.jcompose.runtime.device.DeviceRule;
import io.jcompose.runtime.plan.CloneFlags;
import io.jcompose.runtime.plan.ResourceLimit;
import io.jcompose.runtime.plan.Sysctls;
import io.jcompose.runtime.plan.TaskPlan;
import io.jcompose.runtime.security.Capabilities;
import io.jcompose.runtime.security.SeccompProfile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A task's plan in the words of the OCI runtime specification 1.2, so that a container has the same
 * contract whoever makes it. Limits are left out: the shim sets them on its own groups.
 */
final class OciConfig {
  private static final String VERSION = "1.0.2"; // the newest that all of today's runtimes take
  private static final Map<Integer, String> NAMESPACES =
      Map.of(
          CloneFlags.NEWNS, "mount",
          CloneFlags.NEWCGROUP, "cgroup",
          CloneFlags.NEWUTS, "uts",
          CloneFlags.NEWIPC, "ipc",
          CloneFlags.NEWPID, "pid",
          CloneFlags.NEWNET, "network");
  private static final Map<Integer, String> ATTRIBUTES =
      new java.util.TreeMap<>(
          Map.of(1, "ro", 2, "nosuid", 4, "nodev", 8, "noexec", 0x20, "strictatime"));

  private static final long OPEN_FILES_LIMIT = openFilesLimit();

  private final ObjectNode root = JsonNodeFactory.instance.objectNode();
  private final ObjectNode process = root.putObject("process");
  private final ObjectNode linux = root.putObject("linux");
  private final ArrayNode mounts = root.putArray("mounts");
  private final ArrayNode namespaces = linux.putArray("namespaces");
  private final ArrayNode devices = linux.putArray("devices");
  private final ArrayNode rlimits = process.putArray("rlimits");
  private final ArrayNode masked = linux.putArray("maskedPaths");
  private final ArrayNode readOnly = linux.putArray("readonlyPaths");
  private final ObjectNode sysctls = linux.putObject("sysctl");
  private final OciUser user;
  private final Optional<SeccompProfile> seccomp;

  private OciConfig(OciUser user, Optional<SeccompProfile> seccomp) {
    this.user = user;
    this.seccomp = seccomp;
  }

  /**
   * The content of a bundle's config.json.
   *
   * @param rootfs where the bundle's files will be mounted
   * @param cgroup the task's group, as a path below each hierarchy
   */
  static ObjectNode of(
      TaskPlan plan,
      OciUser user,
      Optional<SeccompProfile> seccomp,
      Path rootfs,
      Path cgroup,
      List<DeviceRule> rules) {
    OciConfig config = new OciConfig(user, seccomp);
    config.root.put("ociVersion", VERSION);
    config.root.putObject("root").put("path", rootfs.toString()).put("readonly", false);
    config.linux.put("cgroupsPath", cgroup.toString());
    config.rules(rules);
    plan.steps().forEach(config::add);
    return config.root;
  }

  private void rules(List<DeviceRule> rules) {
    ArrayNode all = linux.putObject("resources").putArray("devices");
    all.addObject().put("allow", false).put("access", "rwm");
    for (DeviceRule rule : rules) {
      ObjectNode node = all.addObject().put("allow", true).put("type", "" + rule.type());
      if (rule.major() >= 0) {
        node.put("major", rule.major());
      }
      if (rule.minor() >= 0) {
        node.put("minor", rule.minor());
      }
      node.put("access", rule.letters());
    }
  }

  private void add(TaskPlan.Step step) {
    List<Object> args = step.arguments();
    switch (step.op()) {
      case TASK -> cloned((int) (long) args.getLast());
      case NAMESPACE -> namespace((int) args.get(0)).put("path", (String) args.get(1));
      case UNSHARE -> namespace((int) args.get(0));
      case FS -> fs(args);
      case BIND -> bind(args);
      case DEVICE -> device(args);
      case MASK -> masked.add((String) args.get(0));
      case READONLY -> readOnly((String) args.get(0), (int) args.get(1) != 0);
      case ROOT_READONLY -> root.withObject("/root").put("readonly", true);
      case SYSCTL ->
          sysctls.put(
              Sysctls.key(((String) args.get(0)).substring("sys/".length())), (String) args.get(1));
      case HOSTNAME -> root.put("hostname", (String) args.get(0));
      case DOMAINNAME -> root.put("domainname", (String) args.get(0));
      case RLIMIT -> rlimit(args);
      case OOM_SCORE -> process.put("oomScoreAdj", Integer.parseInt((String) args.get(0)));
      case APPARMOR -> process.put("apparmorProfile", (String) args.get(0));
      case ATTRIBUTE ->
          process.put("selinuxLabel", (String) args.get(1)); // keycreate's is the same
      case FILE_LABEL -> linux.put("mountLabel", (String) args.get(0));
      case NO_NEW_PRIVS -> process.put("noNewPrivileges", true);
      case SECCOMP -> seccomp.ifPresent(profile -> linux.set("seccomp", profile.toOci()));
      case CWD -> process.put("cwd", (String) args.get(0));
      case CAPS -> capabilities((long) args.get(0));
      case USER -> user();
      case EXEC -> exec(args);
      // what runtimes do of themselves, and what stays the shim's
      case META, LOG, CGROUP, WRITE, ROOT_SLAVE, OVERLAY, SYMLINK, PIVOT, MKDIR, KEYRING -> {}
      case LOOPBACK, SYNC, OWN_SYMLINK -> {}
      case SOURCE, TTY, JOIN_TASK, RUNTIME, COVER, IDMAP, USERNS ->
          throw new JcomposeException.NotSupported("another runtime cannot do " + step.op());
    }
  }

  private void readOnly(String path, boolean isMount) {
    if (!isMount) {
      readOnly.add(path);
      return;
    }
    for (JsonNode mount : mounts) {
      if (mount.path("destination").asText().equals(path)) {
        ((ObjectNode) mount).withArray("options").add("ro"); // runtimes do this when all is mounted
      }
    }
  }

  private void cloned(int flags) {
    NAMESPACES.forEach(
        (flag, name) -> {
          if ((flags & flag) != 0) {
            namespace(flag);
          }
        });
  }

  private ObjectNode namespace(int flag) {
    return namespaces.addObject().put("type", NAMESPACES.get(flag));
  }

  private void fs(List<Object> args) {
    String type = (String) args.get(0);
    type = type.equals("cgroup2") ? "cgroup" : type;
    ObjectNode mount = mount((String) args.get(1), type, type, (int) args.get(3));
    for (String option : ((String) args.get(2)).split(",")) {
      if (!option.isEmpty()) {
        mount.withArray("options").add(option);
      }
    }
  }

  private void bind(List<Object> args) {
    ObjectNode mount = mount((String) args.get(1), "bind", (String) args.get(0), (int) args.get(3));
    mount.withArray("options").add(((int) args.get(2) & 1) != 0 ? "rbind" : "bind");
    String propagation =
        switch ((int) args.get(4)) {
          case 1 << 19 -> "rslave";
          default -> "rprivate";
        };
    mount.withArray("options").add(propagation);
  }

  private ObjectNode mount(String target, String type, String source, int attributes) {
    ObjectNode mount =
        mounts.addObject().put("destination", target).put("type", type).put("source", source);
    ArrayNode options = mount.putArray("options");
    ATTRIBUTES.forEach(
        (bit, name) -> {
          if ((attributes & bit) != 0) {
            options.add(name);
          }
        });
    return mount;
  }

  private void device(List<Object> args) {
    int mode = (int) args.get(1);
    devices
        .addObject()
        .put("path", (String) args.get(0))
        .put("type", (mode & 0170000) == 0060000 ? "b" : "c")
        .put("major", (int) args.get(2))
        .put("minor", (int) args.get(3))
        .put("fileMode", mode & 07777)
        .put("uid", (int) args.get(4))
        .put("gid", (int) args.get(5));
  }

  private void rlimit(List<Object> args) {
    long soft = (long) args.get(1);
    long hard = (long) args.get(2);
    if ((int) args.get(3) != 0) { // a default gives way to a machine that allows less
      hard = Math.min(hard, OPEN_FILES_LIMIT);
      soft = Math.min(soft, hard);
    }
    rlimits
        .addObject()
        .put("type", "RLIMIT_" + new ResourceLimit((int) args.get(0), soft, hard, false).name())
        .put("soft", unsigned(soft))
        .put("hard", unsigned(hard));
  }

  /** The hard limit of open files, the only limit with a default: man 5 proc. */
  private static long openFilesLimit() {
    try (Stream<String> limits = Files.lines(Path.of("/proc/self/limits"))) {
      return limits
          .filter(line -> line.startsWith("Max open files"))
          .map(line -> line.split(" +")[4])
          .filter(hard -> !hard.equals("unlimited"))
          .mapToLong(Long::parseLong)
          .findFirst()
          .orElse(Long.MAX_VALUE);
    } catch (IOException e) {
      throw new UncheckedIOException("failed to read this process's limits", e);
    }
  }

  private static BigInteger unsigned(long value) {
    return new BigInteger(Long.toUnsignedString(value));
  }

  private void capabilities(long mask) {
    ObjectNode sets = process.putObject("capabilities");
    for (String set : List.of("bounding", "effective", "permitted")) {
      Capabilities.names(mask).forEach(sets.withArray(set)::add);
    }
  }

  private void user() {
    ObjectNode node = process.putObject("user").put("uid", user.uid()).put("gid", user.gid());
    user.groups().forEach(node.withArray("additionalGids")::add);
  }

  private void exec(List<Object> args) {
    int count = (int) args.get(1);
    args.subList(2, 2 + count).forEach(word -> process.withArray("args").add((String) word));
    List<Object> env = args.subList(3 + count, args.size());
    env.forEach(variable -> process.withArray("env").add((String) variable));
    if (env.stream().noneMatch(variable -> ((String) variable).startsWith("HOME="))) {
      process.withArray("env").add("HOME=" + user.home());
    }
  }
}
