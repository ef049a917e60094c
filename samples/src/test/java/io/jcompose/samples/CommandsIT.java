package io.jcompose.samples;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The commands that look into containers and change single ones, by the distribution's command
 * line, on the project in {@code src/test/resources/CommandsIT}.
 */
class CommandsIT {
  private static final Path FOLDER = Path.of("src/test/resources/CommandsIT").toAbsolutePath();
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir static Path root;
  private static Stage stage;

  @BeforeAll
  static void bringUp() throws Exception {
    stage = new Stage(root);
    stage.ok(FOLDER, "up", "-d");
  }

  @AfterAll
  static void leavesNothing() throws Exception {
    if (stage != null) {
      stage.ok(FOLDER, "down", "-v", "-t", "2");
      stage.close();
    }
  }

  private static String out(String... arguments) throws Exception {
    return stage.ok(FOLDER, arguments).out();
  }

  /** What a script prints; {@code $J} is jcompose. */
  private static String shell(String script) throws Exception {
    return stage.shell(FOLDER, script);
  }

  /**
   * What a script prints with a terminal of 30 rows and 90 columns. The keys are typed again and
   * again until it ends, for nobody tells when the terminal is ready for them.
   */
  private static String terminal(String keys, String script) throws Exception {
    Path file = Files.writeString(Files.createTempFile(root, "terminal", ".sh"), script);
    String typing = keys.isEmpty() ? "true" : "(while printf '" + keys + "'; do sleep 0.2; done)";
    return shell(
        typing
            + " 2>/dev/null | script -qefc 'stty rows 30 cols 90; exec sh "
            + file
            + "' /dev/null");
  }

  @Test
  void statsShowsATableAndJson() throws Exception {
    assertThat(out("stats", "--no-stream"))
        .containsPattern("CONTAINER ID +NAME +CPU % +MEM USAGE / LIMIT")
        .containsPattern("[0-9a-f]{12} +commands-box-1 +[0-9.]+% +[0-9.]+[KMG]?i?B / ");
    JsonNode box = JSON.readTree(out("stats", "--no-stream", "--format", "json", "box"));
    assertThat(box.path("Name").asText()).isEqualTo("commands-box-1");
    assertThat(box.path("PIDs").asInt()).isPositive();
  }

  @Test
  void topListsProcesses() throws Exception {
    assertThat(out("top", "box")).containsPattern("box +1 +root +[0-9]+ .* sleep 100000");
    for (String options : List.of("-o pid,comm", "-ef", "aux")) {
      assertThat(shell("$J top box " + options + " 2>&1 || :"))
          .contains("top takes no options of ps (" + options + "): run `jcompose exec box ps");
    }
  }

  @Test
  void cpCopiesBothWays() throws Exception {
    Path local = Files.createDirectories(root.resolve("cp"));
    out("cp", "box:/d", local.toString());
    assertThat(local.resolve("d/a")).hasContent("one\n");
    assertThat(Files.readSymbolicLink(local.resolve("d/link"))).isEqualTo(Path.of("a"));
    out("cp", "-L", "box:/d/link", local.resolve("followed").toString());
    assertThat(local.resolve("followed")).hasContent("one\n");
    Files.createDirectories(local.resolve("new/deep"));
    Files.writeString(local.resolve("new/deep/file"), "text");
    out("cp", local.resolve("new") + "/.", "box:/d/sub");
    assertThat(out("exec", "-T", "box", "cat", "/d/sub/deep/file")).isEqualTo("text");
    assertThat(shell("$J cp box:/d/sub - | tar -t | sort"))
        .isEqualTo("sub/\nsub/deep/\nsub/deep/file\n");
    shell("tar -C " + local + "/new -c deep | $J cp - box:/tmp; $J exec -T box cat /tmp/deep/file");
    assertThat(out("exec", "-T", "box", "cat", "/tmp/deep/file")).isEqualTo("text");
    assertThat(stage.jcompose(FOLDER, "cp", "box:/none", ".").err())
        .contains("Could not find the file /none in container");
  }

  @Test
  void exportCommitAndDiffShowTheContainersFiles() throws Exception {
    assertThat(out("diff", "box")).contains("A /d\n", "A /d/a\n");
    assertThat(shell("$J export box | tar -xO d/a")).isEqualTo("one\n");
    String id =
        out("commit", "-m", "why", "--change", "CMD [\"cat\",\"/d/a\"]", "box", "committed:1")
            .strip();
    assertThat(id).startsWith("sha256:");
    Path other = Files.createDirectories(root.resolve("committed"));
    Files.writeString(
        other.resolve("compose.yaml"),
        "services: {copy: {image: 'committed:1', pull_policy: never}}");
    assertThat(stage.ok(other, "run", "--rm", "-T", "copy").out()).isEqualTo("one\n");
    stage.ok(other, "down");
    assertThat(stage.ok(other, "down", "--rmi", "all", "copy").err())
        .contains("Image committed:1  Removed");
    assertThat(stage.ok(other, "down", "--rmi", "all").err()).contains("No resource found");
    Path tar = root.resolve("box.tar");
    out("export", "-o", tar.toString(), "box");
    assertThat(shell("tar tf " + tar)).contains("bin/busybox");
    assertThat(shell("$J export -o /nonexistent/box.tar box 2>&1 || echo rc=$?"))
        .contains("cannot write to /nonexistent/box.tar")
        .contains("rc=1");
    assertThat(shell("$J export -o /dev/null box 2>&1 || echo rc=$?")).contains("rc=1");
    assertThat(Files.isRegularFile(Path.of("/dev/null"))).isFalse();
  }

  @Test
  void eventsTellActsInDockersOrder() throws Exception {
    String since = String.valueOf(System.currentTimeMillis() / 1000);
    out("restart", "other");
    assertThat(stage.jcompose(FOLDER, "exec", "-T", "other", "sh", "-c", "exit 3").exitCode())
        .isEqualTo(3);
    out("exec", "-d", "other", "true");
    out("pause", "other");
    assertThat(out("ps", "other")).contains("Paused");
    out("unpause", "other");
    out("top", "other");
    out("cp", "other:/etc/hostname", root.resolve("hostname").toString());
    out("cp", root.resolve("hostname").toString(), "other:/tmp/");
    shell("$J export other >/dev/null");
    out("run", "--rm", "-T", "other", "true");
    String until = String.valueOf(System.currentTimeMillis() / 1000 + 1);
    List<String> actions = new ArrayList<>();
    List<String> codes = new ArrayList<>();
    for (String line :
        out("events", "--json", "--since", since, "--until", until, "other").split("\n")) {
      JsonNode event = JSON.readTree(line);
      assertThat(event.path("service").asText()).isEqualTo("other");
      String action = event.path("action").asText();
      actions.add(action);
      if (action.equals("die")) {
        assertThat(event.path("attributes").path("execDuration").asInt(-1)).isNotNegative();
      }
      if (action.equals("exec_die")) {
        codes.add(event.path("attributes").path("exitCode").asText());
      }
    }
    assertThat(codes).containsExactlyInAnyOrder("3", "0");
    assertThat(actions)
        .containsSubsequence(
            "kill",
            "die",
            "stop",
            "start",
            "restart",
            "exec_create: sh -c exit 3",
            "exec_start: sh -c exit 3",
            "exec_die",
            "pause",
            "unpause",
            "top",
            "archive-path",
            "extract-to-dir",
            "export")
        .containsOnlyOnce("die"); // not that of `run`, as with Docker Compose
  }

  @Test
  void logsAreMergedByTimeAlsoWhenFollowed() throws Exception {
    String expected = "b1 o1 b2 o2 b3";
    shell("until [ $($J logs box other | grep -c '|') -ge 5 ]; do :; done");
    String past = out("logs", "--timestamps", "--no-log-prefix", "box", "other");
    assertThat(past.lines().toList()).isSorted();
    assertThat(past).contains(expected.split(" "));
    String followed =
        shell(
            "$J logs -f --timestamps --no-log-prefix box other >$$.log & until [ $(wc -l <$$.log)"
                + " -ge 5 ]; do :; done; kill $!; cat $$.log; rm $$.log");
    assertThat(followed.lines().limit(5).toList()).isSorted();
  }

  @Test
  void whoFollowsLogsGoesOnWithTheNextEngine() throws Exception {
    Path folder = Files.createDirectories(root.resolve("followed"));
    Files.writeString(
        folder.resolve("compose.yaml"),
        "services: {n: {image: busybox, init: true,"
            + " command: \"sh -c 'i=0; until [ -e /end ]; do i=$$((i+1)); echo $$i; usleep 500; done;"
            + " echo end'\"}}");
    try {
      stage.ok(folder, "up", "-d");
      String shown =
          stage.shell(
              folder,
              """
              lines() { wc -l <followed.log; }
              await_more() { n=$(($(lines) + 200)); until [ $(lines) -gt $n ]; do sleep 0.05; done; }
              kill_engine() {
                engine=$(cat $JCOMPOSE_ROOT/*/engine.lock)
                kill -9 $engine
                while readlink /proc/$engine/exe >/dev/null; do sleep 0.05; done
              }
              : >followed.log
              $J logs -f --no-log-prefix >followed.log 2>followed.err & follower=$!
              await_more; kill_engine; $J ps >/dev/null
              await_more; kill_engine; sleep 0.5; $J ps >/dev/null
              await_more; $J exec -T n touch /end
              wait $follower || exit 1
              cat followed.log
              """);
      List<String> lines = shown.lines().toList();
      assertThat(lines).hasSizeGreaterThan(600).endsWith("end", "n-1 exited with code 0");
      for (int i = 1; i < lines.size() - 1; i++) {
        assertThat(lines.get(i - 1)).isEqualTo(String.valueOf(i));
      }
      assertThat(Files.readAllLines(folder.resolve("followed.err")))
          .isNotEmpty()
          .allMatch(line -> line.contains("waiting for the next engine"));
    } finally {
      stage.ok(folder, "down", "-t", "1");
    }
  }

  @Test
  void orphansAreKilledAndToldOfAsTheVariablesSay() throws Exception {
    Path folder = Files.createDirectories(root.resolve("extras"));
    String service = ": {image: busybox, command: sleep 1000, stop_signal: KILL}";
    Path file = folder.resolve("compose.yaml");
    Files.writeString(file, "services: {a" + service + ", b" + service + "}");
    try {
      stage.ok(folder, "up", "-d");
      Files.writeString(file, "services: {a" + service + "}");
      stage.ok(folder, "kill");
      assertThat(stage.ok(folder, "ps", "--services").out()).isEqualTo("b\n");
      assertThat(stage.shell(folder, "$J up -d 2>&1")).contains("Found orphan containers");
      assertThat(stage.shell(folder, "COMPOSE_IGNORE_ORPHANS=1 $J up -d 2>&1"))
          .doesNotContain("orphan");
      assertThat(
              stage.shell(
                  folder,
                  "COMPOSE_IGNORE_ORPHANS=1 $J up -d --remove-orphans 2>&1 || echo refused"))
          .contains("cannot combine COMPOSE_IGNORE_ORPHANS and --remove-orphans", "refused");
      stage.shell(folder, "COMPOSE_REMOVE_ORPHANS=1 $J create 2>&1");
      stage.shell(folder, "COMPOSE_REMOVE_ORPHANS=1 $J run --rm -T a true 2>&1");
      assertThat(stage.ok(folder, "ps", "--services").out()).isEqualTo("a\nb\n");
      stage.shell(folder, "COMPOSE_REMOVE_ORPHANS=1 $J kill");
      assertThat(stage.ok(folder, "ps", "--services").out()).isBlank();
    } finally {
      stage.ok(folder, "down", "--remove-orphans");
    }
  }

  @Test
  void outputThatNobodyReadsOrTakesEndsACommand() throws Exception {
    String script =
        """
        exec 3> >(exit 0); wait $!
        for c in ps logs 'logs -f' config 'top' 'stats --no-stream'; do $J $c >&3; echo $c $?; done
        $J config >/dev/full; echo $?""";
    Path file = Files.writeString(root.resolve("left.sh"), script);
    assertThat(shell("bash " + file + " 2>&1"))
        .isEqualTo(
            """
            ps 141
            logs 141
            logs -f 141
            config 141
            top 141
            stats --no-stream 141
            cannot write to standard output: No space left on device
            1
            """);
  }

  @Test
  void attachAndExecAreLeftByTheirKeys() throws Exception {
    assertThat(terminal("\\020\\021", "$J attach term; echo left $?"))
        .contains("read escape sequence")
        .contains("left 1");
    assertThat(terminal("\\020\\021", "$J exec box sh; echo left $?"))
        .contains("read escape sequence")
        .contains("left 1");
    assertThat(terminal("echo a$((1+1))b\\nx", "$J attach --detach-keys x term; echo left $?"))
        .contains("left 1");
    shell("until $J logs term | grep -q a2b; do :; done");
    assertThat(out("ps", "term")).contains("Up ");
  }

  @Test
  void terminalsHaveTheirSize() throws Exception {
    assertThat(
            terminal(
                "",
                """
                cat >$0.inside <<'END'
                stty size
                trap 's=$(stty size); [ "$s" = "30 90" ] || { echo $s; exit; }' WINCH
                touch /ready
                while :; do usleep 50000; done
                END
                $J exec box sh -c "$(cat $0.inside)" </dev/tty &
                until $J exec -T box test -e /ready; do :; done
                stty rows 50 cols 70
                wait
                """))
        .contains("30 90", "50 70");
  }

  @Test
  void waitPortInspectAndRename() throws Exception {
    String id = JSON.readTree(out("inspect", "box")).path(0).path("Id").asText();
    assertThat(out("inspect", id.substring(0, 12))).contains(id);
    String one = "$J inspect " + id.substring(0, 1) + " 2>&1 || echo rc=$?";
    assertThat(shell(one)).contains("No such service or container").contains("rc=1");
    String port = out("port", "box", "80").strip();
    assertThat(port).matches("127\\.0\\.0\\.1:[0-9]+");
    JsonNode box = JSON.readTree(out("inspect", "box")).get(0);
    assertThat(box.at("/State/Status").asText()).isEqualTo("running");
    assertThat(box.at("/NetworkSettings/Ports").toString()).contains(port.split(":")[1]);
    assertThat(box.at("/HostConfig/Init").asBoolean()).isTrue();

    // It may have ended before it is waited for; then it is tried again.
    shell("c=0; until [ $c = 4 ]; do $J start brief; $J wait brief; c=$?; done");
    out("rename", "box", "renamed");
    assertThat(JSON.readTree(out("inspect", "renamed")).get(0).path("Name").asText())
        .isEqualTo("/renamed");
    out("rename", "renamed", "commands-box-1");
  }
}
