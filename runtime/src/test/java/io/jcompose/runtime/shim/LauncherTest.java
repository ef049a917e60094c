package io.jcompose.runtime.shim;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.JcomposeException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class LauncherTest {
  @TempDir Path directory;

  @Test
  void aProgramThatIsNeverReadyIsEnded() throws Exception {
    Path silent = program("exec sleep 1000");
    try (Launcher launcher = new Launcher(silent, directory, 300)) {
      assertThatThrownBy(launcher::ensureRunning)
          .isInstanceOf(JcomposeException.Internal.class)
          .hasMessage("failed to start " + silent + ": it was not ready within 300 ms");
    }
  }

  @Test
  void aProgramThatIsReadyIsKept() throws Exception {
    try (Launcher launcher = new Launcher(program("echo ready; exec cat"), directory, 10_000)) {
      launcher.ensureRunning();
    }
  }

  private Path program(String words) throws Exception {
    Path file = Files.writeString(directory.resolve("shim"), "#!/bin/sh\n" + words + "\n");
    file.toFile().setExecutable(true);
    return file;
  }
}
