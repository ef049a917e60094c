package io.jcompose.cli.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.cli.client.EngineFiles;
import io.jcompose.cli.client.LockFiles;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LastEngineTest {
  @TempDir Path folder;

  private LastEngine read(String lock) throws IOException {
    Path file = Files.writeString(folder.resolve("engine.lock"), lock);
    try (FileChannel channel = LockFiles.open(file)) {
      return LastEngine.read(channel, folder.resolve(EngineFiles.ERRORS));
    }
  }

  @Test
  void oneThatEndedByItselfLeftNothing() throws IOException {
    Files.writeString(folder.resolve(EngineFiles.ERRORS), "old words");
    assertThat(read("")).isEqualTo(new LastEngine("", ""));
  }

  @Test
  void oneThatWasKilledIsNamedWithItsLastWords() throws IOException {
    assertThat(read("4711")).isEqualTo(new LastEngine("4711", ""));
    Files.writeString(
        folder.resolve(EngineFiles.ERRORS),
        "x".repeat(5000) + "\nTerminating due to java.lang.OutOfMemoryError: Java heap space\n");
    assertThat(read("4711").words())
        .endsWith("Terminating due to java.lang.OutOfMemoryError: Java heap space")
        .hasSizeLessThan(1001);
  }
}
