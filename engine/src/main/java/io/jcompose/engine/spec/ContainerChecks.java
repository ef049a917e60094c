package io.jcompose.engine.spec;

import io.jcompose.core.ContainerSpec;
import io.jcompose.core.ContainerSpec.MountSpec;
import io.jcompose.core.IdMap;
import io.jcompose.core.JcomposeException;
import io.jcompose.engine.health.HealthRules;
import io.jcompose.engine.log.LogOptions;
import io.jcompose.engine.settings.EngineDefaults;
import io.jcompose.images.ImageStore;
import io.jcompose.network.NetworkStack;
import io.jcompose.runtime.Selinux;
import io.jcompose.runtime.TaskRuntime;
import io.jcompose.volumes.GivenFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Finds what stands against a container before anything of it is made. Only looks; what can be
 * known only in the image (its users, its programs) is found when the container starts.
 */
public final class ContainerChecks {
  private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.-]+");

  private final TaskRuntime runtime;
  private final Selinux selinux;
  private final IdMap ids;
  private final ImageStore images;
  private final EngineDefaults defaults;

  /**
   * @param ids of containers that do not say {@code userns_mode: host}
   * @param defaults of what a specification leaves open
   */
  public ContainerChecks(
      TaskRuntime runtime, Selinux selinux, IdMap ids, ImageStore images, EngineDefaults defaults) {
    this.defaults = defaults;
    this.runtime = runtime;
    this.selinux = selinux;
    this.ids = ids;
    this.images = images;
  }

  /** The specification with the engine's defaults; one that has them stays as it is. */
  public ContainerSpec completed(ContainerSpec spec) {
    return defaults.over(spec);
  }

  /** What the container does without on this machine, as sentences for people. */
  public List<String> warnings(ContainerSpec asked) {
    ContainerSpec spec = completed(asked);
    List<String> warnings = new ArrayList<>(runtime.warnings(spec));
    warnings.addAll(selinux.warnings(spec));
    ContainerSpec.Health check = ImageDefaults.health(spec, images.find(spec.image()).orElse(null));
    if (check != null && !HealthRules.warning(check).isEmpty()) {
      warnings.add(HealthRules.warning(check));
    }
    return warnings;
  }

  /** All of them, in Docker's words where it has some. */
  public List<JcomposeException> problems(ContainerSpec asked) {
    ContainerSpec spec = completed(asked);
    List<JcomposeException> problems = new ArrayList<>(runtime.problems(spec));
    add(problems, () -> users(spec, ids));
    add(problems, () -> selinux.check(spec));
    add(problems, () -> LogOptions.check(spec.logging()));
    add(
        problems,
        () ->
            NetworkStack.checkNames(
                spec.networking(), spec.process().hostname(), spec.process().domainname()));
    if (spec.resources().layerBytes() > 0) {
      add(problems, images::checkLayerLimit);
    }
    add(
        problems,
        () -> {
          if (!spec.lifecycle().stopSignal().isEmpty()) {
            Signals.parse(spec.lifecycle().stopSignal());
          }
        });
    spec.mounts().forEach(mount -> add(problems, () -> bind(mount)));
    spec.files().forEach(file -> add(problems, () -> GivenFiles.check(file)));
    return problems;
  }

  /** The rules for user namespaces, in dockerd's words. */
  public static void users(ContainerSpec spec, IdMap ids) {
    String mode = spec.security().usernsMode();
    if (!mode.isEmpty() && !mode.equals("host")) {
      throw new JcomposeException.InvalidArgument(
          "invalid userns mode: \"" + mode + "\": only host is one");
    }
    if (!ids.isHost() && !mode.equals("host")) {
      remapped(spec);
    }
  }

  private static void remapped(ContainerSpec spec) {
    ContainerSpec.Security security = spec.security();
    if (security.privileged()) {
      throw new JcomposeException.InvalidArgument(
          "privileged mode is incompatible with user namespaces.  You must run the container in the"
              + " host namespace when running privileged mode (userns_mode: host)");
    }
    if (TaskRuntime.needsHostsUsers(spec)) {
      throw new JcomposeException.NotSupported(
          "runtime "
              + security.runtime()
              + " when user namespaces are enabled: leave runtime out, or set userns_mode: host");
    }
    String shared = sharedWithHost(spec);
    if (!shared.isEmpty()) {
      throw new JcomposeException.InvalidArgument(
          "cannot share the "
              + shared
              + " namespace when user namespaces are enabled (set userns_mode: host)");
    }
  }

  private static String sharedWithHost(ContainerSpec spec) {
    if (spec.networking().mode().equals("host")) {
      return "host's network";
    }
    if (spec.security().pidMode().equals("host")) {
      return "host PID";
    }
    return spec.security().ipcMode().equals("host") ? "host IPC" : "";
  }

  public static void requireName(String name) {
    if (!NAME.matcher(name).matches()) {
      throw new JcomposeException.InvalidArgument(
          "Invalid container name (" + name + "), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed");
    }
  }

  /** Refuses a bind mount whose source is missing and is not to be made. */
  public static void bind(MountSpec mount) {
    if (mount instanceof MountSpec.Bind bind
        && !bind.createHostPath()
        && !Files.exists(bind.source())) {
      throw new JcomposeException.InvalidArgument(
          "invalid mount config for type \"bind\": bind source path does not exist: "
              + bind.source()
              + aboutSocket(bind.source()));
    }
  }

  private static String aboutSocket(Path source) {
    String name = String.valueOf(source.getFileName());
    if (name.equals("docker.sock") || name.equals("podman.sock")) {
      return "; no such daemon runs here. This engine's own socket serves Docker's API: mount"
          + " /run/jcompose/engine.sock in its place";
    }
    return name.endsWith(".sock") ? "; start what makes this socket first" : "";
  }

  private static void add(List<JcomposeException> problems, Runnable check) {
    try {
      check.run();
    } catch (JcomposeException e) {
      problems.add(e);
    }
  }
}
