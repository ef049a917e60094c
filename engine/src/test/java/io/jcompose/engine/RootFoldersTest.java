package io.jcompose.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RootFoldersTest {
  @TempDir Path folder;

  private static String mode(Path path) throws IOException {
    return PosixFilePermissions.toString(
        Files.getPosixFilePermissions(path, LinkOption.NOFOLLOW_LINKS));
  }

  private void prepare() {
    RootFolders.prepare(folder.resolve("lib"), folder.resolve("run"), "no-such-group");
  }

  @Test
  void makesBothRootsClosed() throws IOException {
    prepare();
    for (String path : new String[] {"lib", "lib/volumes", "lib/containers", "run", "run/files"}) {
      assertThat(mode(folder.resolve(path))).as(path).isEqualTo("rwx--x---");
    }
  }

  @Test
  void closesWhatAnEarlierEngineLeftOpen() throws IOException {
    Files.createDirectories(folder.resolve("lib/volumes/v/_data"));
    Path lock = Files.createFile(folder.resolve("lib/engine.lock"));
    Files.setPosixFilePermissions(lock, PosixFilePermissions.fromString("rw-r--r--"));
    prepare();
    assertThat(mode(folder.resolve("lib"))).isEqualTo("rwx--x---");
    assertThat(mode(folder.resolve("lib/volumes"))).isEqualTo("rwx--x---");
    assertThat(mode(lock)).isEqualTo("rw-------");
  }

  @Test
  void leavesAFolderOpenThatOthersUseAsWell() throws IOException {
    Path root = Files.createDirectory(folder.resolve("lib"));
    Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.createDirectory(root.resolve("www"));
    prepare();
    assertThat(mode(root)).isEqualTo("rwxr-xr-x");
    assertThat(mode(root.resolve("images"))).isEqualTo("rwx--x---");
  }

  @Test
  void changesNoModeThroughALink() throws IOException {
    Path victim = Files.createFile(folder.resolve("victim"));
    Files.setPosixFilePermissions(victim, PosixFilePermissions.fromString("rw-r--r--"));
    Files.createDirectory(folder.resolve("run"));
    Files.createSymbolicLink(folder.resolve("run/start.lock"), victim);
    prepare();
    assertThat(mode(victim)).isEqualTo("rw-r--r--");
  }
}
