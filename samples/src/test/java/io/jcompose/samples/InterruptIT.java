package io.jcompose.samples;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A command that is ended from outside: what goes on without it, and what a script sees. */
class InterruptIT {
  @TempDir Path root;
  private Path folder;
  private Stage stage;

  @BeforeEach
  void open() throws Exception {
    folder = Files.createDirectory(root.resolve("interrupt"));
    stage = new Stage(root);
  }

  @AfterEach
  void leavesNothing() throws Exception {
    stage.ok(folder, "down", "-v", "-t", "0");
    stage.close();
  }

  @Test
  void nothingMoreIsRemovedOnceTheCommandIsGone() throws Exception {
    Files.writeString(
        folder.resolve("compose.yaml"),
        """
        services:
          deaf:
            image: busybox
            command: sh -c 'trap "" TERM; while :; do sleep 1; done'
            stop_grace_period: 6s
            volumes: ["data:/data"]
        volumes: {data: {}}
        """);
    for (String command : List.of("down -v", "down deaf", "rm -sf deaf")) {
      stage.ok(folder, "up", "-d");
      String script =
          """
          $J %s >end.log 2>&1 & end=$!
          until grep -q Stopping end.log; do sleep 0.1; done
          kill -TERM $end; wait $end; echo "end $?"
          for _ in $(seq 300); do
            $J ps -a --format '{{.State}}' | grep -q running || break
            sleep 0.1
          done
          $J stop 2>stop.log
          $J ps -a --format '{{.Name}} {{.State}}'; $J volume ls -q
          $J network ls --format '{{.Name}}' | grep interrupt
          """; // another stop has the turn when the command has ended
      assertThat(stage.shell(folder, script.formatted(command)))
          .as(command)
          .isEqualTo(
              """
              end 143
              interrupt-deaf-1 exited
              interrupt_data
              interrupt_default
              """);
    }
  }

  /** Of a program that a signal ended, bash thinks that the whole script was meant. */
  @Test
  void aScriptGoesOnAfterACommandThatCtrlCEnded() throws Exception {
    Files.writeString(
        folder.resolve("compose.yaml"),
        """
        services:
          talks:
            image: busybox
            command: sh -c 'trap "exit 3" TERM; while :; do echo hello; sleep 0.2; done'
        """);
    assertThat(terminal("up")).contains("Gracefully Stopping", "after 0\r\n");
    stage.ok(folder, "start");
    assertThat(terminal("logs -f --tail 1 talks")).contains("after 130\r\n");
  }

  /** What a terminal shows of a script with the command; Ctrl-C is typed when the service talks. */
  private String terminal(String command) throws Exception {
    Path script =
        Files.writeString(root.resolve("script"), "$J %s; echo \"after $?\"\n".formatted(command));
    Path shown = Files.writeString(root.resolve("shown"), "");
    String typed =
        """
        ( until grep -q hello %1$s; do sleep 0.1; done; printf '\\003'
          i=0; until grep -q after %1$s || [ $((i += 1)) -gt 600 ]; do sleep 0.1; done ) |
          timeout 100 script -qefc 'exec bash %2$s' /dev/null >%1$s
        """;
    stage.shell(folder, typed.formatted(shown, script));
    return Files.readString(shown);
  }
}
