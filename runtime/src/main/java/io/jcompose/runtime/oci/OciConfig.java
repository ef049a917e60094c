package io.jcompose.runtime.oci;

import static io.jcompose.runtime.plan.MountAttributes.NODEV;
import static io.jcompose.runtime.plan.MountAttributes.NOEXEC;
import static io.jcompose.runtime.plan.MountAttributes.NOSUID;
import static io.jcompose.runtime.plan.MountAttributes.RDONLY;
import static io.jcompose.runtime.plan.MountAttributes.STRICTATIME;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jcompose.core.JcomposeException;
import io.jcompose.runtime.device.DeviceRule;
import io.jcompose.runtime.plan.CloneFlags;
import io.jcompose.runtime.plan.ResourceLimit;
import io.jcompose.runtime.plan.Step;
import io.jcompose.runtime.plan.Sysctls;
import io.jcompose.runtime.plan.TaskPlan;
import io.jcompose.runtime.security.Capabilities;
import io.jcompose.runtime.security.SeccompProfile;
import java.math.BigInteger;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A task's plan in the words of the OCI runtime specification 1.2, so that a container has the same
 * contract whichever runtime makes it. Limits are left out: the shim sets them on its own groups.
 */
final class OciConfig {
  private static final String VERSION = "1.0.2"; // the newest that all of today's runtimes take
  private static final Map<Integer, String> NAMESPACES =
      new TreeMap<>(
          Map.of(
              CloneFlags.NEWNS, "mount",
              CloneFlags.NEWCGROUP, "cgroup",
              CloneFlags.NEWUTS, "uts",
              CloneFlags.NEWIPC, "ipc",
              CloneFlags.NEWPID, "pid",
              CloneFlags.NEWNET, "network"));
  private static final Map<Integer, String> ATTRIBUTES =
      new TreeMap<>(
          Map.of(
              RDONLY, "ro",
              NOSUID, "nosuid",
              NODEV, "nodev",
              NOEXEC, "noexec",
              STRICTATIME, "strictatime"));

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
  private final Optional<SeccompProfile> seccomp;

  private OciConfig(Optional<SeccompProfile> seccomp) {
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
      Optional<SeccompProfile> seccomp,
      Path rootfs,
      Path cgroup,
      List<DeviceRule> rules) {
    OciConfig config = new OciConfig(seccomp);
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

  private void add(Step step) {
    switch (step) {
      case Step.OfShim s -> shim(s);
      case Step.OfFiles s -> files(s);
      case Step.OfProcess s -> process(s);
      case Step.Simple s -> simple(s);
    }
  }

  private void shim(Step.OfShim step) {
    switch (step) {
      case Step.Task s -> cloned(s.namespaces());
      case Step.Log _, Step.Cgroup _, Step.Write _ -> {} // stay the shim's
      case Step.Runtime _, Step.Hold _ -> throw unsupported("RUNTIME");
    }
  }

  private void files(Step.OfFiles step) {
    switch (step) {
      case Step.Fs s -> fs(s);
      case Step.Bind s -> bind(s);
      case Step.Device s -> device(s);
      case Step.Mask s -> masked.add(s.path());
      case Step.Readonly s -> readOnly(s.path(), s.isMount());
      case Step.FileLabel s -> linux.put("mountLabel", s.label());
      // what runtimes do of themselves
      case Step.Overlay _, Step.Symlink _, Step.OwnSymlink _, Step.Mkdir _ -> {}
      case Step.Source _ -> throw unsupported("SOURCE");
      case Step.Cover _ -> throw unsupported("COVER");
      case Step.Idmap _ -> throw unsupported("IDMAP");
    }
  }

  private void process(Step.OfProcess step) {
    switch (step) {
      case Step.Namespace s -> namespace(s.type()).put("path", s.path());
      case Step.Unshare s -> namespace(s.namespaces());
      case Step.Sysctl s -> sysctls.put(Sysctls.key(s.path()), s.value());
      case Step.Hostname s -> root.put("hostname", s.name());
      case Step.Domainname s -> root.put("domainname", s.name());
      case Step.Rlimit s -> rlimit(s.limit());
      case Step.OomScore s -> process.put("oomScoreAdj", s.score());
      case Step.Apparmor s -> process.put("apparmorProfile", s.profile());
      case Step.Attribute s -> process.put("selinuxLabel", s.value()); // keycreate's is the same
      case Step.Seccomp _ -> seccomp.ifPresent(profile -> linux.set("seccomp", profile.toOci()));
      case Step.Cwd s -> process.put("cwd", s.path());
      case Step.Caps s -> capabilities(s.mask());
      case Step.User s -> user(s);
      case Step.Exec s -> exec(s);
      case Step.Streams _ -> {} // runtimes make them of themselves
      case Step.Tty _ -> throw unsupported("TTY");
      case Step.JoinTask _ -> throw unsupported("JOIN_TASK");
      case Step.Userns _ -> throw unsupported("USERNS");
    }
  }

  private void simple(Step.Simple step) {
    switch (step) {
      case ROOT_READONLY -> root.withObject("/root").put("readonly", true);
      case NO_NEW_PRIVS -> process.put("noNewPrivileges", true);
      case ROOT_SLAVE,
          NULL_COVER,
          PIVOT,
          LOOPBACK,
          KEYRING,
          SYNC,
          GO_ON -> {} // what runtimes do of themselves
    }
  }

  private static JcomposeException unsupported(String what) {
    return new JcomposeException.NotSupported("another runtime cannot do " + what);
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

  private void fs(Step.Fs step) {
    String type = step.type().equals("cgroup2") ? "cgroup" : step.type();
    ObjectNode mount = mount(step.target(), type, type, step.attributes());
    for (String option : step.options().split(",")) {
      if (!option.isEmpty()) {
        mount.withArray("options").add(option);
      }
    }
  }

  private void bind(Step.Bind step) {
    mount(step.target(), "bind", step.source(), step.attributes())
        .withArray("options")
        .add(step.recursive() ? "rbind" : "bind")
        .add(step.propagation() == Step.Propagation.SLAVE ? "rslave" : "rprivate");
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

  private void device(Step.Device step) {
    devices
        .addObject()
        .put("path", step.path())
        .put("type", (step.mode() & 0170000) == 0060000 ? "b" : "c")
        .put("major", step.major())
        .put("minor", step.minor())
        .put("fileMode", step.mode() & 07777)
        .put("uid", step.uid())
        .put("gid", step.gid());
  }

  private void rlimit(ResourceLimit limit) {
    rlimits
        .addObject()
        .put("type", "RLIMIT_" + limit.name())
        .put("soft", unsigned(limit.soft()))
        .put("hard", unsigned(limit.hard()));
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

  private void user(Step.User user) {
    ObjectNode node = process.putObject("user").put("uid", user.uid()).put("gid", user.gid());
    user.groups().forEach(node.withArray("additionalGids")::add);
  }

  private void exec(Step.Exec step) {
    step.args().forEach(process.withArray("args")::add);
    step.env().forEach(process.withArray("env")::add);
  }
}
