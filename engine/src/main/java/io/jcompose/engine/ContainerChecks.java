package io.jcompose.engine;

import io.jcompose.core.ContainerSpec;
import io.jcompose.core.ContainerSpec.MountSpec;
import io.jcompose.core.JcomposeException;
import io.jcompose.runtime.TaskRuntime;
import io.jcompose.volumes.GivenFiles;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds what stands against a container before anything of it is made. Only looks; what can be
 * known only in the image (its users, its programs) is found when the container starts.
 */
final class ContainerChecks {
  private final TaskRuntime runtime;

  ContainerChecks(TaskRuntime runtime) {
    this.runtime = runtime;
  }

  /** What the container does without on this machine, as sentences for people. */
  List<String> warnings(ContainerSpec spec) {
    return runtime.warnings(spec);
  }

  /** All of them, in Docker's words where it has some. */
  List<JcomposeException> problems(ContainerSpec spec) {
    List<JcomposeException> problems = new ArrayList<>(runtime.problems(spec));
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
