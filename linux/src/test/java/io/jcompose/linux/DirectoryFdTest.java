package io.jcompose.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DirectoryFdTest {
  @Test
  void keepsDirectoriesApartWhereTheFileSystemCan(@TempDir Path folder) throws IOException {
    boolean ext4 = Files.getFileStore(folder).type().equals("ext4");

    try (DirectoryFd directory = DirectoryFd.open(folder)) {
      boolean first = directory.keepDirectoriesApart();

      assertThat(first || !ext4).as("set on ext4").isTrue();
      assertThat(directory.keepDirectoriesApart()).as("a second time").isEqualTo(first);
    }
    assertThat(Files.createDirectory(folder.resolve("child"))).isEmptyDirectory();
  }
}
