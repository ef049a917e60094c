package io.jcompose.build.solve;

import io.jcompose.build.StepRunner;
import io.jcompose.core.Progress;
import io.jcompose.images.BuildLayer;
import io.jcompose.images.BuildLayers;
import io.jcompose.linux.KernelException;
import io.jcompose.linux.file.DirectoryFd;
import io.jcompose.linux.mount.UnionView;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A RUN that failed, as a person finds it: a shell in a container with what the command has
 * written, and with its variables, user, folder, mounts and network. Only what lay in a tmpfs is
 * gone. Confined to one thread.
 */
final class FailedStep {
  private static final List<String> SHELLS = List.of("/bin/bash", "/bin/sh");

  private final StageState stage;
  private final StepRunner.Step step;
  private final StepRunner.Result result;

  /**
   * @param result what was written is taken over
   */
  FailedStep(StageState stage, StepRunner.Step step, StepRunner.Result result) {
    this.stage = stage;
    this.step = step;
    this.result = result;
  }

  /** Opens the shell, and returns when it has ended. */
  void show(Progress.Terminal terminal) {
    BuildLayers layers = stage.call().layers();
    ImageState image = stage.image().copy();
    BuildLayer written = stage.sealed(result.written());
    image.layered(written, Instant.EPOCH, "a command that failed");
    Optional<String> shell = shell(image);
    if (shell.isEmpty()) {
      stage.call().warn(stage.spec(), "the stage has no shell to open: " + SHELLS);
      return;
    }
    String about =
        "The command ended with exit code %d. This is %s in its container; the build ends with it."
            .formatted(result.exitCode(), shell.get());
    StepRunner.Step opened =
        new StepRunner.Step(
            layers.draft(image.layers(), image.runDocument()),
            image.layers(),
            List.of(shell.get()),
            step.env(),
            step.workingDir(),
            step.user(),
            step.mounts(),
            step.files(),
            step.network(),
            step.insecure(),
            step.limits());
    stage.call().site().runner().shell(opened, about, terminal, stage.call().isGivenUp());
  }

  /** That of SHELL, or the first that the stage has. */
  private Optional<String> shell(ImageState image) {
    List<String> own = image.texts("Shell");
    if (!own.isEmpty()) {
      return Optional.of(own.getFirst());
    }
    try (UnionView view = UnionView.open(stage.call().layers().lower(image.layers()));
        DirectoryFd root = view.root()) {
      return SHELLS.stream().filter(path -> exists(root, path)).findFirst();
    }
  }

  private static boolean exists(DirectoryFd root, String path) {
    int cut = path.lastIndexOf('/');
    try (DirectoryFd folder = root.openInRoot(raw(path.substring(1, cut)))) {
      return folder.stat(raw(path.substring(cut + 1))).isPresent();
    } catch (KernelException e) {
      return false;
    }
  }

  private static byte[] raw(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
