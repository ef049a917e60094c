package io.jcompose.samples;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.samples.Commands.Result;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code build --debug-shell} as it is typed at a terminal, and {@code --why}. */
class BuildShellIT {
  @TempDir static Path root;
  private static Stage stage;
  private Path folder;

  @BeforeAll
  static void open() throws Exception {
    stage = new Stage(root);
  }

  @AfterAll
  static void leavesNothing() throws Exception {
    stage.close();
  }

  @BeforeEach
  void write() throws Exception {
    folder = Files.createTempDirectory(root, "context");
    Files.writeString(folder.resolve("Dockerfile"), "FROM busybox\nRUN echo half >/made; exit 7\n");
  }

  /** Types lines at a terminal once the other side says that it is a shell; prints all of it. */
  private String typed(String command, String lines) throws Exception {
    Files.writeString(folder.resolve("lines"), lines);
    return stage.shell(
        folder,
        """
        mkfifo keys; : >log
        { for i in $(seq 600); do grep -q 'This is /bin/sh' log && break; sleep 0.1; done
          while IFS= read -r line; do echo "$line"; sleep 0.2; done <lines; sleep 1; } >keys &
        script -qefc "%s; echo \\"code \\$?\\"" log <keys >/dev/null
        cat log; rm keys
        """
            .formatted(command));
  }

  @Test
  void aShellOpensInTheContainerOfTheFailedCommand() throws Exception {
    String seen = typed("$J image build --debug-shell .", "echo \"it has $(cat /made)\"\nexit 3\n");
    assertThat(seen)
        .contains("This is /bin/sh in its container", "it has half", "exit code: 7", "code 7");
  }

  @Test
  void aServicesBuildHasItToo() throws Exception {
    Files.writeString(folder.resolve("compose.yaml"), "services: {a: {build: .}}\n");
    assertThat(typed("$J build --debug-shell", "cat /made\nexit\n")).contains("half", "code 7");
  }

  @Test
  void withoutATerminalNothingIsBuilt() throws Exception {
    Result result = stage.jcompose(folder, "image", "build", "--debug-shell", ".");
    assertThat(result.exitCode()).isEqualTo(1);
    assertThat(result.err()).contains("--debug-shell needs a terminal").doesNotContain("RUN");
  }

  @Test
  void whatChangedIsTold() throws Exception {
    Files.writeString(folder.resolve("Dockerfile"), "FROM busybox\nCOPY a /\nRUN cat /a >/b\n");
    Files.writeString(folder.resolve("a"), "1");
    stage.ok(folder, "image", "build", ".");
    Files.writeString(folder.resolve("a"), "2");
    assertThat(stage.ok(folder, "image", "build", "--why", ".").err())
        .contains(
            "COPY a /  Not cached  a changed", "RUN cat /a >/b  Not cached  a step before it");
  }

  @Test
  void whatChangedIsToldOfAServiceThatIsBroughtUp() throws Exception {
    Files.writeString(folder.resolve("Dockerfile"), "FROM busybox\nCOPY a /\n");
    Files.writeString(
        folder.resolve("compose.yaml"),
        "services: {web: {build: ., command: sleep 1000, stop_signal: KILL}}\n");
    Files.writeString(folder.resolve("a"), "up 1");
    assertThat(stage.ok(folder, "up", "-d", "--why").err()).contains("never built before");
    Files.writeString(folder.resolve("a"), "up 2");
    assertThat(stage.ok(folder, "up", "-d", "--build").err()).doesNotContain("a changed");
    Files.writeString(folder.resolve("a"), "up 3");
    assertThat(stage.ok(folder, "create", "--build", "--why").err())
        .contains("COPY a /  Not cached  a changed");
    Files.writeString(folder.resolve("a"), "up 4");
    assertThat(stage.ok(folder, "run", "--build", "--why", "--rm", "-T", "web", "true").err())
        .contains("COPY a /  Not cached  a changed");
    stage.ok(folder, "down", "--rmi", "all");
  }
}
