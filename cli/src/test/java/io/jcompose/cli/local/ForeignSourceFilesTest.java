package io.jcompose.cli.local;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.linux.file.DirectoryFd;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ForeignSourceFilesTest {
  private final ForeignSourceFiles files = new ForeignSourceFiles();

  @TempDir Path dir;

  @Test
  void readsTheFirstBytes() throws IOException {
    Path file = Files.writeString(dir.resolve("a.env"), "A=1\n");
    assertThat(files.read(file, 100)).isEqualTo("A=1\n".getBytes(UTF_8));
    assertThat(files.read(file, 2)).isEqualTo("A=".getBytes(UTF_8));
  }

  @Test
  void tellsWhatIsMissingAndWaitsForNoFifo() {
    try (DirectoryFd directory = DirectoryFd.open(dir)) {
      directory.mknod("fifo".getBytes(UTF_8), 0010600, 0);
    }
    assertThatThrownBy(() -> files.read(dir.resolve("none"), 1))
        .isInstanceOf(NoSuchFileException.class);
    for (Path special : new Path[] {dir.resolve("fifo"), Path.of("/dev/zero"), dir}) {
      assertThatThrownBy(() -> files.read(special, 1))
          .isInstanceOf(FileSystemException.class)
          .hasMessageContaining(special + ", a");
    }
  }
}
