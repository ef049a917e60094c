package io.jcompose.linux.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
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
}
