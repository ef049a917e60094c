package io.jcompose.samples;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A distribution that was copied to another place, as each host has one, and no more where it was
 * made.
 */
class MovedIT {
  @TempDir Path root;

  @Test
  void itsEngineStartsAndItsCommandsRun() throws Exception {
    Stage stage = new Stage(root);
    Path folder = Files.createDirectory(root.resolve("project"));
    Files.writeString(
        folder.resolve("compose.yaml"),
        "services: {web: {image: busybox, command: sleep 1000, stop_signal: SIGKILL}}");
    assertThat(
            stage.shell(
                folder,
                """
                made=%s moved=%s
                cp -a "$made" "$moved"
                export made moved
                unshare --mount --propagation private sh -euc '
                  mount -t tmpfs none "$made"
                  "$moved/bin/jcompose" up -d --quiet-pull 2>/dev/null
                  "$moved/bin/jcompose" ps --format "{{.Service}} {{.State}}"
                  "$moved/bin/jcompose" config --services
                  "$moved/bin/jcompose" exec -T web echo inside
                  "$moved/bin/jcompose" down 2>/dev/null
                  "$moved/bin/jcompose" engine stop >/dev/null
                  "$moved/bin/jcompose" config --quiet && echo alone
                '
                rm -r "$moved"
                """
                    .formatted(Stage.HOME.resolve("dist/jcompose"), root.resolve("moved"))))
        .isEqualTo("web running\nweb\ninside\nalone\n");
    stage.close();
  }
}
