package io.jcompose.linux.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.linux.KernelException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
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

  @Test
  void removesATreeThatIsDeeperThanAnyPathOrStack(@TempDir Path folder) throws IOException {
    Files.writeString(Files.createDirectory(folder.resolve("beside")).resolve("file"), "");
    try (DirectoryFd top = DirectoryFd.open(folder)) {
      deepen(top, 5000);

      TreeRemoval.removeContents(top);

      assertThat(folder).isEmptyDirectory();
    }
  }

  private static void deepen(DirectoryFd top, int levels) {
    byte[] name = "d".getBytes(StandardCharsets.US_ASCII);
    DirectoryFd at = top;
    for (int level = 0; level < levels; level++) {
      at.mkdir(name, 0755);
      at.createFile("f".getBytes(StandardCharsets.US_ASCII), 0644).close();
      DirectoryFd next = at.openDirectory(name);
      if (at != top) {
        at.close();
      }
      at = next;
    }
    at.close();
  }

  @Test
  void aClosedDescriptorIsNoOtherFilesAndClosesNone(@TempDir Path folder) throws IOException {
    byte[] name = "x".getBytes(StandardCharsets.US_ASCII);
    DirectoryFd closed = DirectoryFd.open(folder);
    FileFd file = closed.createFile(name, 0600);
    DirectoryNames names = closed.names();
    closed.close();
    file.close();
    names.close();
    try (DirectoryFd one = DirectoryFd.open(Files.createDirectory(folder.resolve("one")));
        DirectoryFd two = DirectoryFd.open(folder.resolve("one"));
        DirectoryFd three = DirectoryFd.open(folder.resolve("one"))) { // in their numbers
      closed.close();
      file.close();
      names.close();

      assertThatThrownBy(() -> closed.mkdir(name, 0755)).hasMessageContaining("EBADF");
      assertThatThrownBy(() -> file.write(new byte[1], 1)).hasMessageContaining("EBADF");
      assertThatThrownBy(names::next).hasMessageContaining("EBADF");
      for (DirectoryFd open : new DirectoryFd[] {one, two, three}) {
        assertThat(open.list()).isEmpty();
      }
    }
  }

  @Test
  void changesNoModeThroughALink(@TempDir Path folder) throws IOException {
    Path victim = Files.writeString(folder.resolve("victim"), "");
    Files.setPosixFilePermissions(victim, PosixFilePermissions.fromString("rw-------"));
    Files.createSymbolicLink(folder.resolve("link"), victim);

    try (DirectoryFd directory = DirectoryFd.open(folder)) {
      byte[] link = "link".getBytes(StandardCharsets.US_ASCII);
      assertThatThrownBy(() -> directory.chmod(link, 0666)).isInstanceOf(KernelException.class);
      directory.chmod("victim".getBytes(StandardCharsets.US_ASCII), 0640);
    }

    assertThat(Files.getPosixFilePermissions(victim))
        .isEqualTo(PosixFilePermissions.fromString("rw-r-----"));
  }
}
