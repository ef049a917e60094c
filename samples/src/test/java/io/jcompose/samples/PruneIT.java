package io.jcompose.samples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code system prune} leaves. */
class PruneIT {
  @TempDir Path root;
  private Path folder;
  private Stage stage;

  @BeforeEach
  void open() throws Exception {
    folder = Files.createDirectory(root.resolve("pruned"));
    stage = new Stage(root);
  }

  @AfterEach
  void leavesNothing() throws Exception {
    stage.ok(folder, "down", "-v");
    stage.close();
  }

  private void project(String text) throws Exception {
    Files.writeString(folder.resolve("compose.yaml"), text);
    stage.ok(folder, "up", "-d");
  }

  @Test
  void keepsNamedVolumesOfProjectsThatAreDown() throws Exception {
    project(
        """
        services:
          db:
            image: busybox
            command: sh -c 'echo precious >/data/x; exec sleep 100000'
            stop_signal: SIGKILL
            volumes: ["data:/data", "/cache"]
        volumes: {data: }
        """);
    stage.ok(folder, "exec", "-T", "db", "sh", "-c", "until test -s /data/x; do usleep 9999; done");
    stage.ok(folder, "down");
    assertThat(stage.ok(folder, "system", "prune", "-f", "--volumes").out())
        .containsPattern("Deleted Volumes:\n[0-9a-f]{64}\n\n")
        .doesNotContain("pruned_data");
    assertThat(stage.ok(folder, "run", "--rm", "-T", "db", "cat", "/data/x").out())
        .isEqualTo("precious\n");
  }

  @Test
  void keepsTheNetworkOfAContainerThatWaitsForItsRestart() throws Exception {
    project(
        """
        services:
          crash: {image: busybox, command: "false", restart: always}
        """);
    Stage.eventually(
        () -> {
          String state = stage.ok(folder, "ps", "-a", "--format", "json").out();
          if (!state.contains("\"State\":\"restarting\"")) {
            throw new IOException(state);
          }
          return state;
        });
    assertThat(stage.ok(folder, "system", "prune", "-f").out()).doesNotContain("pruned_default");
    String before = stage.ok(folder, "inspect", "crash").out();
    Stage.eventually(
        () -> {
          String now = stage.ok(folder, "inspect", "crash").out();
          if (count(now) <= count(before)) {
            throw new IOException(now);
          }
          return now;
        });
  }

  @Test
  void keepsWhatWaitsForItsStart() throws Exception {
    Files.writeString(
        folder.resolve("compose.yaml"),
        """
        services:
          db:
            image: busybox
            command: sleep 100000
            stop_signal: SIGKILL
            healthcheck: {test: ["CMD", "test", "-e", "/ready"], interval: 500ms, start_period: 1h}
          web:
            image: busybox
            command: sleep 100000
            stop_signal: SIGKILL
            depends_on: {db: {condition: service_healthy}}
        """);
    var up = CompletableFuture.supplyAsync(() -> quietly("up", "-d"));
    Stage.eventually(
        () -> {
          String all = stage.ok(folder, "ps", "-a").out();
          if (!all.contains("pruned-web-1") || !all.contains("health: starting")) {
            throw new IOException(all);
          }
          return all;
        });
    assertThat(stage.ok(folder, "system", "prune", "-f").out()).doesNotContain("Deleted Container");
    stage.ok(folder, "exec", "-T", "db", "touch", "/ready");
    assertThat(up.get(60, TimeUnit.SECONDS)).isZero();
  }

  private int quietly(String... arguments) {
    try {
      return stage.jcompose(folder, arguments).exitCode();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static int count(String inspected) {
    var count = Pattern.compile("\"RestartCount\" *: *(\\d+)").matcher(inspected);
    assertThat(count.find()).as(inspected).isTrue();
    return Integer.parseInt(count.group(1));
  }
}
