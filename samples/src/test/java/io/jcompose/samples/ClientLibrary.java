package io.jcompose.samples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.jcompose.samples.Commands.Result;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** A library that speaks Docker's API, with programs of its users, on the engine of a stage. */
record ClientLibrary(Stage stage, Path folder) {
  /**
   * Skips the tests where the library is not installed.
   *
   * @param what it is, and how to install it
   * @param probe a shell's command that succeeds where it is there
   */
  static ClientLibrary require(Path root, String what, String probe) throws Exception {
    Result probed = new Commands(Stage.HOME, Map.of()).shell(root, probe);
    assumeThat(probed.exitCode()).as(what).isZero();
    return open(root);
  }

  /** For one that is always there. */
  static ClientLibrary open(Path root) throws Exception {
    Path folder = Files.createDirectory(root.resolve("client"));
    ClientLibrary library = new ClientLibrary(new Stage(root), folder);
    library.stage.shell(folder, "$J image pull -q busybox");
    return library;
  }

  /** Of the engine's socket, as {@code DOCKER_HOST}. */
  String address() throws Exception {
    return stage
        .shell(folder, "echo unix://$($J engine status | sed -n 's/^Socket: *//p')")
        .strip();
  }

  /** Runs a shell's command that ends well, with {@code DOCKER_HOST}; its output. */
  String run(String command) throws Exception {
    Result result = stage.tried(folder, "export DOCKER_HOST=" + address() + "\n" + command);
    assertThat(result.exitCode()).as(result.toString()).isZero();
    return result.out();
  }

  /** Asserts that no container is left, and nothing of the engine. */
  void close() throws Exception {
    stage.shell(folder, "$J network prune -f"); // of the one that all share
    assertThat(stage.shell(folder, "$J container ls -aq")).isEmpty();
    stage.close();
  }
}
