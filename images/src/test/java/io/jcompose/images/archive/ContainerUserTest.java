package io.jcompose.images.archive;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.linux.file.DirectoryFd;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContainerUserTest {
  private static final int SIZE = 1_900_000;

  @TempDir Path root;

  /** In a process with less memory than all lines or fields of such files take. */
  @Test
  void findsAUserInFilesThatAContainerMadeLarge() throws Exception {
    Path etc = Files.createDirectory(root.resolve("etc"));
    String fields = "a:".repeat(SIZE / 2) + "\n";
    Files.writeString(etc.resolve("passwd"), fields + "app:x:7:8::/home/app:/sh\n");
    Files.writeString(etc.resolve("group"), "a\n".repeat(SIZE / 2) + "staff:x:9:\n");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-Xmx24m",
                "-XX:+ExitOnOutOfMemoryError",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                ContainerUserTest.class.getName(),
                root.toString())
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(said).contains("User[uid=7, gid=9]");
    assertThat(process.waitFor()).isZero();
  }

  /** Looks a user up in the root given. */
  public static void main(String... arguments) {
    try (DirectoryFd root = DirectoryFd.open(Path.of(arguments[0]))) {
      TreeWriter.Owner.User found = ContainerUser.find(root, "app:staff");
      System.out.println(found);
    }
  }
}
