package io.jcompose.build;

import io.jcompose.core.ContainerSpec.FileSpec;
import io.jcompose.core.ContainerSpec.MountSpec;
import io.jcompose.core.Progress;
import io.jcompose.core.build.BuildSpec;
import io.jcompose.images.BuildLayer;
import io.jcompose.images.BuildLayers;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** Runs the commands of RUN steps, by what runs containers. */
public interface StepRunner {
  /**
   * Runs a command on layers. Blocks.
   *
   * @param output takes each line that it prints, without its end
   * @param isGivenUp asked while it runs; true ends it
   * @throws io.jcompose.core.JcomposeException.Cancelled when it was given up
   */
  Result run(Step step, BuildLayers layers, Consumer<String> output, BooleanSupplier isGivenUp);

  /**
   * Runs a shell on a person's terminal, as {@link #run} runs a command; what it writes is lost.
   * Blocks until it ends, the person leaves, or it is given up.
   *
   * @param about what the person is told first
   */
  void shell(Step step, String about, Progress.Terminal terminal, BooleanSupplier isGivenUp);

  /** No build is under way: what is kept between steps may go. */
  void rest();

  /**
   * A command.
   *
   * @param draft the image to run it on, as {@link BuildLayers#draft} named it
   * @param env all of its variables, {@code NAME=value}
   * @param network empty for the default, {@code none}, {@code host}, or a network of the engine's
   * @param insecure with all rights
   */
  record Step(
      String draft,
      List<BuildLayer> below,
      List<String> words,
      List<String> env,
      String workingDir,
      String user,
      List<MountSpec> mounts,
      List<FileSpec> files,
      String network,
      boolean insecure,
      BuildSpec.Steps limits) {
    public Step {
      below = List.copyOf(below);
      words = List.copyOf(words);
      env = List.copyOf(env);
      mounts = List.copyOf(mounts);
      files = List.copyOf(files);
    }
  }

  /**
   * How it ended.
   *
   * @param written what it wrote, a layer in the making that is the caller's
   */
  record Result(int exitCode, boolean outOfMemory, BuildLayers.Work written) {}
}
