package io.jcompose.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InvocationTest {
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

  @Test
  void compatibilityIsTheVariableForWhoeverLoadsTheProject() {
    assertThat(invocation("up", Map.of()).env()).isEqualTo(Map.of("A", "1"));
    Invocation up = invocation("up", Map.of("compatibility", true));
    assertThat(up.env()).isEqualTo(Map.of("A", "1", "COMPOSE_COMPATIBILITY", "true"));
    assertThat(up.options()).isEmpty();
  }

  @Test
  void compatibilityLeavesWhatConfigPrintsAsItIsWritten() {
    Invocation config = invocation("config", Map.of("compatibility", true));
    assertThat(config.has("no-normalize")).isTrue();
  }

  private static Invocation invocation(String command, Map<String, Object> globals) {
    return new Invocation(
        new Command(command, "", ""),
        globals,
        Map.of(),
        List.of(),
        Map.of("A", "1"),
        new StandardInput());
  }

  private static String folder(Path real, String shell) {
    return ProjectRequest.folder(real.toString(), shell);
  }
}
