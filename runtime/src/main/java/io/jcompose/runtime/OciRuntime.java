package io.jcompose.runtime;

import io.jcompose.core.ContainerSpec;
import io.jcompose.core.ContainerSpec.MountSpec;
import io.jcompose.core.JcomposeException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Another program that makes containers, by the OCI runtime specification's commands {@code
 * create}, {@code start} and {@code delete}. It must make them of namespaces, as crun and runc do:
 * the shim holds the process, sets its limits and runs further programs in it as in any other.
 *
 * @param program an executable
 * @param arguments given before each command
 */
public record OciRuntime(Path program, List<String> arguments) {
  private static final Set<String> OWN = Set.of("", "jcompose", "io.containerd.runc.v2");
  private static final Set<String> KNOWN = Set.of("crun", "runc", "youki");
  private static final List<String> PATH =
      List.of("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin");

  public OciRuntime {
    arguments = List.copyOf(arguments);
  }

  /** True when a container asks for another runtime than the engine's own. */
  public static boolean isWanted(ContainerSpec spec) {
    return !OWN.contains(spec.security().runtime());
  }

  /**
   * The runtime of a name.
   *
   * @param named those of the engine's settings
   * @throws JcomposeException.InvalidArgument when there is none
   */
  public static OciRuntime find(String name, Map<String, OciRuntime> named) {
    OciRuntime setting = named.get(name);
    if (setting != null) {
      return setting.checked(name);
    }
    if (name.startsWith("/")) {
      return ofPath(name, named).checked(name);
    }
    if (KNOWN.contains(name)) {
      for (String directory : PATH) {
        if (Files.isExecutable(Path.of(directory, name))) {
          return new OciRuntime(Path.of(directory, name), List.of());
        }
      }
    }
    throw new JcomposeException.InvalidArgument(
        "unknown or invalid runtime name: "
            + name
            + ": install it if it is crun or runc, name it under \"runtimes\" in the engine's settings,"
            + " or leave runtime out to take the engine's own");
  }

  /**
   * A runtime is run as root of the host: which programs may be is not for compose files to say.
   */
  private static OciRuntime ofPath(String path, Map<String, OciRuntime> named) {
    return named.values().stream()
        .filter(setting -> setting.program.equals(Path.of(path)))
        .findFirst()
        .orElseThrow(
            () ->
                new JcomposeException.InvalidArgument(
                    "runtime "
                        + path
                        + " is not one of the engine's: a program that runs as root must be in the"
                        + " engine's settings, as \"runtimes\": {\"NAME\": {\"path\": \""
                        + path
                        + "\"}}"));
  }

  private OciRuntime checked(String name) {
    if (!Files.isExecutable(program) || Files.isDirectory(program)) {
      throw new JcomposeException.InvalidArgument(
          "runtime " + name + ": " + program + " is not an executable program");
    }
    return this;
  }

  /** Refuses what only the engine's own runtime can do. */
  public static void refuseUnsupported(ContainerSpec spec) {
    String what = "";
    if (spec.process().tty()) {
      what = "a terminal (tty)";
    } else if (spec.process().init()) {
      what = "init";
    } else if (spec.security().ipcMode().startsWith("container:")) {
      what = "ipc of another container";
    } else if (spec.mounts().stream().anyMatch(OciRuntime::isShared)) {
      what = "a bind mount with propagation shared";
    } else if (spec.mounts().stream().anyMatch(OciRuntime::isInside)) {
      what = "the subpath of a volume"; // it would follow a link that a container makes there
    }
    if (!what.isEmpty()) {
      throw new JcomposeException.NotSupported(
          what
              + " with runtime "
              + spec.security().runtime()
              + ": leave runtime out to take the engine's own, which can");
    }
  }

  private static boolean isShared(MountSpec mount) {
    return mount instanceof MountSpec.Bind bind && bind.propagation().endsWith("shared");
  }

  private static boolean isInside(MountSpec mount) {
    return mount instanceof MountSpec.Volume volume && !volume.subpath().isEmpty();
  }

  /** A command line, with the runtime's state below a directory. */
  public List<String> command(Path state, String... words) {
    List<String> all = new ArrayList<>(List.of(program.toString()));
    all.addAll(arguments);
    all.addAll(List.of("--root", state.toString()));
    all.addAll(List.of(words));
    return all;
  }
}
