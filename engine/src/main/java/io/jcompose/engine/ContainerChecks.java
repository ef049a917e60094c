package io.jcompose.engine;

import io.jcompose.core.ContainerSpec;
import io.jcompose.core.ContainerSpec.MountSpec;
import io.jcompose.core.JcomposeException;
import io.jcompose.runtime.TaskRuntime;
import io.jcompose.volumes.GivenFiles;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Finds what stands against a container before anything of it is made. Only looks; what can be
 * known only in the image (its users, its programs) is found when the container starts.
 */
final class ContainerChecks {
  private final Function<ContainerSpec, List<JcomposeException>> machine;

  ContainerChecks(TaskRuntime runtime) {
    this(runtime::problems);
  }

  /**
   * @param machine what the kernel of this machine cannot give
   */
  ContainerChecks(Function<ContainerSpec, List<JcomposeException>> machine) {
    this.machine = machine;
  }

  /** All of them, in Docker's words where it has some. */
  List<JcomposeException> problems(ContainerSpec spec) {
    List<JcomposeException> problems = new ArrayList<>(machine.apply(spec));
    add(problems, () -> LogOptions.check(spec.logging()));
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

  /** Refuses a bind mount whose source is missing and is not to be made. */
  static void bind(MountSpec mount) {
    if (mount instanceof MountSpec.Bind bind
        && !bind.createHostPath()
        && !Files.exists(bind.source())) {
      throw new JcomposeException.InvalidArgument(
          "invalid mount config for type \"bind\": bind source path does not exist: "
              + bind.source());
    }
  }

  private static void add(List<JcomposeException> problems, Runnable check) {
    try {
      check.run();
    } catch (JcomposeException e) {
      problems.add(e);
    }
  }
}
