package io.jcompose.linux.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SealedCopyTest {
  @Test
  void isExecutedAndCannotBeChanged(@TempDir Path directory) throws Exception {
    Path program = Files.writeString(directory.resolve("program"), "#!/bin/sh\necho here\n");
    try (SealedCopy copy = SealedCopy.of(program)) {
      Process process = new ProcessBuilder(copy.path().toString()).start();
      assertThat(process.inputReader().readLine()).isEqualTo("here");
      assertThat(process.waitFor()).isZero();
      try (FileChannel file = FileChannel.open(copy.path(), StandardOpenOption.WRITE)) {
        assertThatThrownBy(() -> file.write(ByteBuffer.allocate(1), 0))
            .isInstanceOf(IOException.class);
        assertThatThrownBy(() -> file.write(ByteBuffer.allocate(1), 1000))
            .isInstanceOf(IOException.class);
        assertThatThrownBy(() -> file.truncate(0)).isInstanceOf(IOException.class);
      }
      assertThat(copy.path()).hasSameTextualContentAs(program);
    }
  }

  /** Who runs in a process of it could keep all others from executing it. */
  @Test
  void keepsItsMode(@TempDir Path directory) throws Exception {
    String[] kernel = System.getProperty("os.version").split("[^0-9]+", 3);
    int version = Integer.parseInt(kernel[0]) * 100 + Integer.parseInt(kernel[1]);
    assumeTrue(version >= 603, "F_SEAL_EXEC is of Linux 6.3");
    Path program = Files.writeString(directory.resolve("program"), "");
    try (SealedCopy copy = SealedCopy.of(program)) {
      assertThatThrownBy(() -> Files.setPosixFilePermissions(copy.path(), Set.of()))
          .isInstanceOf(IOException.class);
      assertThat(copy.path()).isExecutable();
    }
  }
}
