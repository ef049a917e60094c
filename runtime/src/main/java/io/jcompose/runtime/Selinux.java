package io.jcompose.runtime;

import io.jcompose.core.ContainerSpec;
import io.jcompose.core.ContainerSpec.Security;
import io.jcompose.core.JcomposeException;
import io.jcompose.linux.KernelException;
import io.jcompose.linux.file.FileLabels;
import io.jcompose.runtime.security.CategoryPairs;
import io.jcompose.runtime.security.SecurityContext;
import io.jcompose.runtime.security.SecurityOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * The labels of an engine's containers on a machine with SELinux, by Docker's rules: the policy
 * says their user, role and type, each container has categories of its own, and {@code
 * security_opt: [label=…]} changes any of it. One per engine; safe for use by many threads.
 */
public final class Selinux {
  private static final String DISABLE = "disable";
  private static final String CONTAINER_MODE = "container:";

  /** Those of go-selinux: what the machine would not work without, under other labels. */
  private static final Set<String> PROTECTED =
      Set.of(
          "/",
          "/bin",
          "/boot",
          "/dev",
          "/etc",
          "/etc/passwd",
          "/etc/pki",
          "/etc/shadow",
          "/home",
          "/lib",
          "/lib64",
          "/media",
          "/opt",
          "/proc",
          "/root",
          "/run",
          "/sbin",
          "/srv",
          "/sys",
          "/tmp",
          "/usr",
          "/var",
          "/var/lib",
          "/var/log");

  private final String lack;
  private final SecurityContext process;
  private final SecurityContext files;
  private final SecurityContext layers;
  private final CategoryPairs pairs = new CategoryPairs(new SecureRandom());

  private Selinux(
      String lack, SecurityContext process, SecurityContext files, SecurityContext layers) {
    this.lack = lack;
    this.process = process;
    this.files = files;
    this.layers = layers;
  }

  private static Selinux without(String what) {
    SecurityContext none = new SecurityContext("", "", "", "");
    return new Selinux(what, none, none, none);
  }

  /**
   * This machine's.
   *
   * @param wanted the engine's setting; without it no container gets a label
   */
  public static Selinux open(boolean wanted) {
    return of(wanted, Path.of("/"));
  }

  /**
   * @param root where etc, sys, proc and usr are
   */
  static Selinux of(boolean wanted, Path root) {
    String own = text(root.resolve("proc/self/attr/current")).replace("\0", "").strip();
    boolean rules = Files.exists(root.resolve("sys/fs/selinux/enforce")) && !own.equals("kernel");
    if (!rules) {
      return without("this machine has no SELinux");
    }
    if (!wanted) {
      return without("the engine's setting selinux-enabled is off");
    }
    Map<String, String> contexts = contexts(root);
    String process = contexts.get("process");
    String files = contexts.get("file");
    if (process == null || files == null) {
      return without("the machine's policy has no lxc_contexts with process and file");
    }
    return new Selinux(
        "",
        SecurityContext.parse(process),
        SecurityContext.parse(files),
        SecurityContext.parse(contexts.getOrDefault("ro_file", files)));
  }

  /** What the policy has for containers: man 5 lxc_contexts. */
  private static Map<String, String> contexts(Path root) {
    Map<String, String> config = pairs(text(root.resolve("etc/selinux/config")));
    Path policy = root.resolve("etc/selinux").resolve(config.getOrDefault("SELINUXTYPE", ""));
    Path containers = root.resolve("usr/share/containers/selinux/contexts");
    return pairs(
        text(Files.exists(containers) ? containers : policy.resolve("contexts/lxc_contexts")));
  }

  private static Map<String, String> pairs(String text) {
    Map<String, String> pairs = new HashMap<>();
    for (String line : text.split("\n", -1)) {
      int equals = line.indexOf('=');
      if (equals > 0 && !line.strip().startsWith("#") && !line.strip().startsWith(";")) {
        String value = line.substring(equals + 1).strip().replaceAll("^\"+|\"+$", "");
        pairs.put(line.substring(0, equals).strip(), value);
      }
    }
    return pairs;
  }

  /** Why no container gets a label; empty when they do. */
  public String lack() {
    return lack;
  }

  public boolean works() {
    return lack.isEmpty();
  }

  /**
   * Labels for a new container, whose categories are held until {@link #release}.
   *
   * @param others the labels of another container, by its id
   * @throws JcomposeException.InvalidArgument for options that Docker refuses too
   */
  public TaskLabels give(ContainerSpec spec, Function<String, TaskLabels> others) {
    if (!works()) {
      return TaskLabels.NONE;
    }
    List<String> options = options(spec.security(), others);
    boolean leveled = !process.level().isEmpty();
    if (options.contains(DISABLE)) {
      return new TaskLabels("", (leveled ? files.withLevel(CategoryPairs.NOBODYS) : files).text());
    }
    TaskLabels labels = labels(options, process, files);
    if (leveled && options.stream().noneMatch(option -> option.startsWith("level:"))) {
      String level = pairs.take();
      return labels(options, process.withLevel(level), files.withLevel(level));
    }
    keep(labels);
    return labels;
  }

  /** Refuses options that make no label, where there are labels at all: as Docker does. */
  public void check(ContainerSpec spec) {
    List<String> own = SecurityOptions.parse(spec.security().securityOpt()).labels();
    if (works() && !own.contains(DISABLE)) {
      labels(own, process, files);
    }
  }

  /** Docker's: a container that shares another's processes or queues must be able to reach them. */
  private static List<String> options(Security security, Function<String, TaskLabels> others) {
    List<String> own = SecurityOptions.parse(security.securityOpt()).labels();
    if (!own.isEmpty()) {
      return own;
    }
    if (security.privileged()
        || security.pidMode().equals("host")
        || security.ipcMode().equals("host")) {
      return List.of(DISABLE);
    }
    List<String> pid = optionsOf(security.pidMode(), others);
    List<String> ipc = optionsOf(security.ipcMode(), others);
    if (!pid.isEmpty() && !ipc.isEmpty() && !pid.equals(ipc)) {
      throw new JcomposeException.InvalidArgument(
          "--ipc and --pid containers SELinux labels aren't the same");
    }
    return pid.isEmpty() ? ipc : pid;
  }

  private static List<String> optionsOf(String mode, Function<String, TaskLabels> others) {
    String label =
        mode.startsWith(CONTAINER_MODE)
            ? others.apply(mode.substring(CONTAINER_MODE.length())).process()
            : "";
    if (label.isEmpty()) {
      return List.of();
    }
    SecurityContext other = SecurityContext.parse(label);
    List<String> options =
        new ArrayList<>(
            List.of("user:" + other.user(), "role:" + other.role(), "type:" + other.type()));
    if (!other.level().isEmpty()) {
      options.add("level:" + other.level());
    }
    return options;
  }

  /** What options make of a pair of labels: go-selinux's InitLabels. */
  static TaskLabels labels(List<String> options, SecurityContext process, SecurityContext files) {
    SecurityContext programs = process;
    SecurityContext content = files;
    for (String option : options) {
      int colon = option.indexOf(':');
      String value = option.substring(colon + 1);
      switch (colon < 0 ? "" : option.substring(0, colon)) {
        case "user" -> {
          programs = programs.withUser(value);
          content = content.withUser(value);
        }
        case "level" -> {
          programs = programs.withLevel(value);
          content = content.withLevel(value);
        }
        case "role" -> programs = programs.withRole(value);
        case "type" -> programs = programs.withType(value);
        case "filetype" -> content = content.withType(value);
        default ->
            throw new JcomposeException.InvalidArgument(
                "bad label option \""
                    + option
                    + "\", valid options 'disable' or 'user, role, level, type, filetype' followed"
                    + " by ':' and a value");
      }
    }
    return new TaskLabels(programs.text(), content.text());
  }

  /** Holds the categories of a container that is there already. */
  public void keep(TaskLabels labels) {
    if (!labels.process().isEmpty()) {
      pairs.keep(SecurityContext.parse(labels.process()).level());
    }
  }

  /** Lets a container's categories go. */
  public void release(TaskLabels labels) {
    if (!labels.process().isEmpty()) {
      pairs.release(SecurityContext.parse(labels.process()).level());
    }
  }

  /** What a container's labels come to now: one that is privileged has none for its programs. */
  public TaskLabels inUse(TaskLabels labels, Security security) {
    if (!works()) {
      return TaskLabels.NONE;
    }
    return security.privileged() ? new TaskLabels("", labels.files()) : labels;
  }

  /** What of its options has no effect, as sentences for people. */
  public List<String> warnings(ContainerSpec spec) {
    return SecurityOptions.parse(spec.security().securityOpt()).labels().stream()
        .filter(label -> !works() && !label.equals(DISABLE))
        .map(label -> "security_opt label=" + label + " has no effect: " + lack)
        .toList();
  }

  /**
   * Gives a file, or a directory and all in it, the label of a container's files, so that it can
   * use them. Does nothing without labels, and where the file system has none.
   *
   * @param shared for any container, not this one alone
   * @throws JcomposeException.InvalidArgument for what the machine itself lives on
   */
  public void relabel(Path source, TaskLabels labels, boolean shared) {
    if (!works() || labels.files().isEmpty()) {
      return;
    }
    try {
      Path real = source.toRealPath();
      if (PROTECTED.contains(real.toString()) || real.toString().equals(System.getenv("HOME"))) {
        throw new JcomposeException.InvalidArgument(
            "SELinux relabeling of " + real + " is not allowed: bind a directory of its own");
      }
      FileLabels.set(real, shared ? labels.sharedFiles() : labels.files());
    } catch (IOException | KernelException e) {
      throw new JcomposeException.InvalidArgument(
          "error setting label on mount source '" + source + "': " + e.getMessage(), e);
    }
  }

  /**
   * Lets containers map what lies in a directory of the engine that overlays are made of: the
   * kernel asks for the label of the file below an overlay too, when a program changes what its
   * memory is for (man 2 mprotect). What is made in it later has the label by itself.
   */
  public void labelLayer(Path directory) {
    if (works()) {
      try {
        FileLabels.set(directory.toRealPath(), layers.text());
      } catch (IOException | KernelException e) {
        throw new JcomposeException.Internal(
            "failed to label " + directory + " for SELinux: " + e.getMessage(), e);
      }
    }
  }

  private static String text(Path file) {
    try {
      return Files.readString(file, StandardCharsets.UTF_8);
    } catch (IOException e) {
      return "";
    }
  }
}
