package io.jcompose.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HeldProcessTest {
  private final Process process = sleep();

  private static Process sleep() {
    try {
      return new ProcessBuilder("sleep", "1000").start();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @AfterEach
  void end() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  @Test
  void showsAProcessUntilItEnds() throws Exception {
    try (HeldProcess held = HeldProcess.open(process.pid()).orElseThrow()) {
      assertThat(held.isAlive()).isTrue();
      assertThat(held.namespace("net")).exists();
      assertThat(Files.readString(held.path().resolve("comm"))).isEqualTo("sleep\n");
      end();
      assertThat(held.isAlive()).isFalse();
      assertThat(Files.exists(held.namespace("net"))).isFalse();
    }
  }

  @Test
  void letsGoOfItsDescriptor() {
    HeldProcess held = HeldProcess.open(process.pid()).orElseThrow();
    Path path = held.path();
    held.close();
    held.close();
    assertThat(path.resolve("comm")).doesNotExist();
  }

  @Test
  void takesNoProcessOfTheHostForATasks() {
    assertThat(HeldProcess.ofTask("0".repeat(64), process.toHandle())).isEmpty();
  }
}
