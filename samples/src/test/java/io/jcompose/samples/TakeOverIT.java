package io.jcompose.samples;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * An engine as systemd's unit runs it, after an engine that a command started: it takes over, tells
 * when it serves, and no container notices.
 */
class TakeOverIT {
  private static final Path UNIT =
      Path.of("src/test/resources/TakeOverIT/unit.py").toAbsolutePath();

  /** The unit is left to run; what it told is awaited in the file. */
  private static final String WITH_UNIT =
      """
      told() { until grep -q "$1" unit.log; do kill -0 $unit || return 1; sleep 0.1; done; }
      holder() { cat "$JCOMPOSE_ROOT/lib/engine.lock"; }
      begun() { $J exec -T web cut -d' ' -f22 /proc/1/stat; }
      : >unit.log
      unit() { python3 UNIT "$@" "$J" engine --take-over >unit.log 2>unit.err & unit=$!; }
      """
          .replace("UNIT", UNIT.toString());

  @TempDir Path root;
  private Path folder;
  private Stage stage;

  @BeforeEach
  void open() throws Exception {
    folder = Files.createDirectory(root.resolve("project"));
    Files.writeString(
        folder.resolve("compose.yaml"),
        "services: {web: {image: busybox, command: sleep 1000, stop_signal: KILL}}");
    stage = new Stage(root);
  }

  @AfterEach
  void leavesNothing() throws Exception {
    stage.ok(folder, "down");
    stage.close();
  }

  @Test
  void theUnitGoesOnWithTheContainersOfACommandsEngine() throws Exception {
    stage.ok(folder, "up", "-d");
    String said =
        stage.shell(
            folder,
            WITH_UNIT
                + """
                first=$(holder) before=$(begun)
                unit
                told READY=1 || { cat unit.err; exit 1; }
                grep -q "^pid $(holder) READY=1" unit.log && echo "ready as the one that serves"
                [ "$first" = "$(holder)" ] || echo "another engine"
                while readlink "/proc/$first/exe" >/dev/null; do sleep 0.1; done
                echo "the first has ended"
                [ "$before" = "$(begun)" ] && echo "the same process"
                $J ps -q | wc -l
                kill $unit; wait $unit; tail -n 2 unit.log
                """);
    assertThat(said.lines())
        .containsSubsequence(
            "ready as the one that serves", "another engine", "the first has ended")
        .containsSubsequence("the same process", "1", "exit 0");
    assertThat(said).contains("STOPPING=1");
  }

  @Test
  void anEngineThatWasNotAskedToTakeOverLeavesTheOtherAlone() throws Exception {
    stage.ok(folder, "up", "-d");
    String said =
        stage.shell(
            folder,
            WITH_UNIT
                + """
                first=$(holder)
                $J engine 2>&1 || echo "exit $?"
                [ "$first" = "$(holder)" ] && kill -0 $first && echo "still there"
                """);
    assertThat(said).contains("runs on", "already (pid ", "exit 75", "still there");
  }

  @Test
  void aPidThatIsNoEngineIsLeftAlone() throws Exception {
    stage.ok(folder, "up", "-d");
    String said =
        stage.shell(
            folder,
            WITH_UNIT
                + """
                sleep 1000 & bystander=$!
                first=$(holder)
                printf %s $bystander >"$JCOMPOSE_ROOT/lib/engine.lock"
                $J engine --take-over 2>&1 || echo "exit $?"
                kill -0 $bystander && echo "the bystander lives"
                kill $bystander
                printf %s $first >"$JCOMPOSE_ROOT/lib/engine.lock"
                """);
    assertThat(said).contains("exit 75", "the bystander lives");
  }

  @Test
  void oneEngineStartsAtATime() throws Exception {
    stage.ok(folder, "up", "-d");
    String said =
        stage.shell(
            folder,
            WITH_UNIT
                + """
                lock=$JCOMPOSE_ROOT/run/start.lock
                mkfifo end
                python3 -c 'import fcntl, sys
                lock = open(sys.argv[1], "r+")
                fcntl.lockf(lock, fcntl.LOCK_EX)
                print("held", flush=True)
                open("end").read()' "$lock" >held & starter=$!
                until [ -s held ]; do kill -0 $starter || exit 1; sleep 0.1; done
                unit --abstract
                until grep -q -- "-> .*:$(stat -c %i "$lock") " /proc/locks; do
                  kill -0 $unit || exit 1; sleep 0.1
                done
                [ -s unit.log ] || echo "waits for whoever starts another"
                echo >end
                told READY=1 && grep -q "^pid $(holder) READY=1" unit.log && echo "and then serves"
                kill $unit; wait $unit
                """);
    assertThat(said.lines())
        .containsSubsequence("waits for whoever starts another", "and then serves");
  }
}
