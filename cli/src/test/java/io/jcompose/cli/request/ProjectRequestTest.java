package io.jcompose.cli.request;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProjectRequestTest {
  @TempDir Path root;

  @Test
  void aFolderIsTheLinkByWhichTheShellWentThere() throws IOException {
    Path real = Files.createDirectory(root.resolve("7"));
    Path link = Files.createSymbolicLink(root.resolve("current"), real);
    Path other = Files.createDirectory(root.resolve("other"));
    assertThat(folder(real, link.toString())).isEqualTo(link.toString());
    assertThat(folder(real, real.toString())).isEqualTo(real.toString());
    assertThat(folder(real, link + "/")).isEqualTo(link.toString());
    assertThat(folder(real, "")).isEqualTo(real.toString());
    assertThat(folder(real, "current")).isEqualTo(real.toString());
    assertThat(folder(real, other.toString())).isEqualTo(real.toString());
    assertThat(folder(real, root.resolve("gone").toString())).isEqualTo(real.toString());
    assertThat(folder(real, link + "/../current")).isEqualTo(real.toString());
  }

  private static String folder(Path real, String shell) {
    return ProjectRequest.folder(real.toString(), shell);
  }
}
