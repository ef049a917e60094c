package io.jcompose.samples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

/** What people type every day, in scripts and by hand, and what they see. */
class EverydayIT {
  private static final String SLEEPS =
      "services: {a: {image: busybox, command: sleep 100000, stop_signal: SIGKILL}}\n";

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
  void makeFolder(TestInfo test) throws IOException {
    String name = test.getTestMethod().orElseThrow().getName().toLowerCase(Locale.ROOT);
    folder = Files.createDirectory(root.resolve(name));
  }

  @AfterEach
  void takeDown() throws Exception {
    String name = String.valueOf(folder.getFileName());
    stage.ok(root, "-p", name, "down", "-v");
  }

  private void file(String text) throws IOException {
    Files.writeString(folder.resolve("compose.yaml"), text);
  }

  private String shell(String script) throws Exception {
    return stage.shell(folder, script);
  }

  @Test
  void anAttachedUpStaysOverRestartsByAPolicy() throws Exception {
    file(
        "services: {crash: {image: busybox, restart: always, command: sh -c 'echo begin; exit"
            + " 3'}}\n");
    String script =
        """
        $J up >up.log 2>&1 & up=$!
        until [ $(grep -c restarting up.log) -ge 3 ]; do sleep 0.1; done
        kill -0 $up && echo stays
        $J stop 2>/dev/null
        wait $up; echo "up $?"
        """;
    assertThat(shell(script)).isEqualTo("stays\nup 0\n");
    assertThat(folder.resolve("up.log"))
        .content()
        .contains("crash-1  | begin\ncrash-1 exited with code 3 (restarting)\ncrash-1  | begin\n");
  }

  @Test
  void followedLogsStayOverRestartsAndRecreations() throws Exception {
    file(SLEEPS.replace("sleep 100000", "sh -c 'echo life; exec sleep 100000'"));
    String script =
        """
        lives() { until [ $(grep -c life logs.log) -ge $1 ]; do sleep 0.1; done; }
        $J up -d 2>/dev/null
        $J logs -f >logs.log & logs=$!
        lives 1; $J restart a 2>/dev/null
        lives 2; $J up -d --force-recreate 2>/dev/null
        lives 3; $J stop 2>/dev/null
        wait $logs; echo "logs $?"
        """;
    assertThat(shell(script)).isEqualTo("logs 0\n");
    assertThat(folder.resolve("logs.log"))
        .content()
        .contains("a-1 exited with code 137 (restarting)\n", "a-1 has been recreated\n")
        .endsWith("a-1 exited with code 137\n");
  }

  @Test
  void followedLogsEndWhereTheyAreAskedToEnd() throws Exception {
    file(SLEEPS.replace("sleep 100000", "sh -c 'echo life; exec sleep 100000'"));
    stage.ok(folder, "up", "-d");
    assertThat(shell("timeout 60 $J logs -f --until 1h; echo $?")).isEqualTo("0\n");
    assertThat(stage.ok(folder, "ps", "-q").out()).hasLineCount(1);
  }

  @Test
  void aNameStandsForAFileThatCannotBeRead() throws Exception {
    String name = String.valueOf(folder.getFileName());
    file(SLEEPS);
    stage.ok(folder, "up", "-d");
    file(SLEEPS.replace("command", "comand"));
    assertThat(stage.jcompose(folder, "ps").err())
        .contains("did you mean")
        .endsWith("is reached without the file by -p " + name + "\n");
    for (String command :
        new String[] {"ps", "logs", "top", "stop", "start", "images", "restart"}) {
      assertThat(stage.jcompose(folder, "-p", name, command).exitCode()).as(command).isZero();
    }
    String script = "export COMPOSE_PROJECT_NAME=" + name + "; $J exec -T a echo hi; $J ps -q";
    assertThat(shell(script)).startsWith("hi\n").hasLineCount(2);
    stage.ok(folder, "-p", name, "down");
  }

  @Test
  void aServiceWithoutContainersIsNoError() throws Exception {
    file(SLEEPS);
    for (String command :
        new String[] {"logs", "ps", "top", "images", "stop", "restart", "kill", "pause"}) {
      assertThat(stage.jcompose(folder, command, "a").exitCode()).as(command).isZero();
    }
    assertThat(stage.ok(folder, "rm", "-f", "a").err()).isEqualTo("No stopped containers\n");
    assertThat(stage.jcompose(folder, "exec", "a", "true").err())
        .isEqualTo("service \"a\" is not running\n");
    assertThat(stage.jcompose(folder, "port", "a", "80").err())
        .isEqualTo("service \"a\" is not running\n");
    assertThat(stage.jcompose(folder, "start", "a").exitCode()).isEqualTo(1);
    assertThat(stage.jcompose(folder, "wait", "a").exitCode()).isEqualTo(1);
    assertThat(stage.jcompose(folder, "stop", "aa").err())
        .isEqualTo("no such service: aa (did you mean \"a\"?)\n");
  }

  @Test
  void whatCrashesAgainAndAgainIsListed() throws Exception {
    file("services: {a: {image: busybox, command: sh -c 'exit 1', restart: always}}");
    stage.ok(folder, "up", "-d");
    for (int i = 0; i < 20; i++) {
      assertThat(stage.ok(folder, "ps", "-q").out()).hasLineCount(1);
    }
    assertThat(stage.ok(folder, "ls", "-q").out()).contains(folder.getFileName().toString());
    assertThat(shell("$J inspect -f '{{.State.Running}}' a")).isEqualTo("true\n");
  }

  @Test
  void containersAreReachedByNameFromAnyFolder() throws Exception {
    file(SLEEPS.replace("sleep 100000", "sh -c 'echo line; exec sleep 100000'"));
    stage.ok(folder, "up", "-d");
    String name = folder.getFileName() + "-a-1";
    Path elsewhere = Files.createDirectory(root.resolve("elsewhere"));
    assertThat(stage.ok(elsewhere, "exec", "-T", name, "echo", "hi").out()).isEqualTo("hi\n");
    assertThat(stage.ok(elsewhere, "logs", "--no-log-prefix", name).out()).isEqualTo("line\n");
    assertThat(stage.ok(elsewhere, "ps", "-A").out()).contains(name);
    stage.ok(elsewhere, "cp", name + ":/etc/passwd", elsewhere.resolve("passwd").toString());
    assertThat(elsewhere.resolve("passwd")).isNotEmptyFile();
    for (String command : new String[] {"top", "stop", "start", "restart", "kill"}) {
      assertThat(stage.jcompose(elsewhere, command, name).exitCode()).as(command).isZero();
    }
    stage.ok(elsewhere, "rm", "-f", name);
    assertThat(stage.jcompose(elsewhere, "exec", name, "true").err())
        .startsWith("no configuration file provided: not found (there is no compose.yaml in ")
        .endsWith("; No such container: " + name + "\n");
  }

  @Test
  void inAProjectAnothersContainersAreNotEndedByName() throws Exception {
    file(SLEEPS);
    stage.ok(folder, "up", "-d");
    Path other = Files.createDirectory(root.resolve("other"));
    Files.writeString(other.resolve("compose.yaml"), SLEEPS);
    String name = folder.getFileName() + "-a-1";
    assertThat(stage.jcompose(other, "stop", name).err()).startsWith("no such service: " + name);
    assertThat(stage.ok(other, "exec", "-T", name, "echo", "hi").out()).isEqualTo("hi\n");
    assertThat(stage.ok(folder, "ps", "-q").out()).hasLineCount(1);
  }

  @Test
  void aFileOnStandardInputServesEveryCommand() throws Exception {
    String script =
        """
        file() { echo 'services: {a: {image: busybox, command: sleep 100000, stop_signal: SIGKILL}}'; }
        file | $J -f - run --rm -T a echo run 2>/dev/null
        file | $J -f /dev/stdin up -d 2>/dev/null
        file | $J -f /dev/stdin exec -T a echo exec
        file | $J -f - rm -sf a 2>/dev/null
        """;
    assertThat(shell(script)).startsWith("run\nexec\nGoing to remove ");
  }

  @Test
  void whatFailedSaysWhy() throws Exception {
    file(
        """
        services:
          mig: {image: busybox, command: sh -c 'echo table missing >&2; exit 7'}
          db:
            image: busybox
            command: sh -c 'echo starting; exec sleep 100000'
            stop_signal: SIGKILL
            healthcheck: {test: "echo no socket; exit 1", interval: 200ms, retries: 1}
          web:
            image: busybox
            command: sleep 100000
            depends_on: {mig: {condition: service_completed_successfully}}
        """);
    String name = String.valueOf(folder.getFileName());
    assertThat(stage.jcompose(folder, "up", "-d", "web").err())
        .contains(name + "-mig-1, the end of its log:\n  table missing\n")
        .endsWith("service \"mig\" didn't complete successfully: exit 7\n");
    assertThat(stage.jcompose(folder, "run", "--rm", "web", "true").err())
        .contains(name + "-mig-1, the end of its log:\n")
        .endsWith("service \"mig\" didn't complete successfully: exit 7\n");
    assertThat(stage.jcompose(folder, "up", "-d", "--wait", "db").err())
        .contains(name + "-db-1, the end of its log:\n  starting\n")
        .contains(name + "-db-1, its last health check ended with 1:\n  no socket\n");
  }

  @Test
  void aNameThatAnotherFolderTakesOverIsWarnedAbout() throws Exception {
    file(SLEEPS);
    stage.ok(folder, "up", "-d");
    Path twin = Files.createDirectories(root.resolve("twin").resolve(folder.getFileName()));
    Files.writeString(twin.resolve("compose.yaml"), SLEEPS);
    assertThat(stage.ok(twin, "up", "-d").err()).contains("was brought up from " + folder);
    assertThat(stage.ok(twin, "down").err()).contains("was brought up from " + folder);
  }

  @Test
  void quitEndsAClientAndNothingElse() throws Exception {
    file(SLEEPS.replace("sleep 100000", "sh -c 'echo line; exec sleep 100000'"));
    String script =
        """
        $J up >up.log 2>&1 & up=$!
        until grep -q line up.log; do sleep 0.1; done
        kill -QUIT $up; wait $up; echo "up $?"
        $J ps -q | wc -l
        """;
    assertThat(shell(script)).isEqualTo("up 131\n1\n");
    assertThat(folder.resolve("up.log")).content().doesNotContain("thread dump");
  }

  @Test
  void aDryRunTellsWhatWouldBeDone() throws Exception {
    file(SLEEPS);
    String name = String.valueOf(folder.getFileName());
    stage.ok(folder, "pull");
    assertThat(stage.ok(folder, "--dry-run", "up").out())
        .isEqualTo(
            """
            DRY-RUN MODE - would do: create network NAME_default (it does not exist)
            DRY-RUN MODE - would do: create container NAME-a-1 (it does not exist)
            DRY-RUN MODE - would do: start container NAME-a-1 (it was created)
            """
                .replace("NAME", name));
    assertThat(stage.ok(folder, "ps", "-aq").out()).isEmpty();
    assertThat(stage.jcompose(folder, "--dry-run", "down").exitCode()).isEqualTo(1);
  }

  @Test
  void startMayWaitForHealth() throws Exception {
    file(
        SLEEPS.replace("image", "healthcheck: {test: exit 1, interval: 200ms, retries: 1}, image"));
    stage.ok(folder, "create");
    assertThat(stage.jcompose(folder, "start", "--wait").err())
        .endsWith("container " + folder.getFileName() + "-a-1 is unhealthy\n");
  }

  @Test
  void theLastMadeContainersAreListedFirst() throws Exception {
    file(SLEEPS);
    stage.ok(folder, "up", "-d", "--scale", "a=3");
    stage.ok(folder, "up", "-d", "--scale", "a=4");
    assertThat(stage.ok(folder, "ps", "-l", "--format", "json").out())
        .contains(folder.getFileName() + "-a-4")
        .hasLineCount(1);
    assertThat(stage.ok(folder, "ps", "-n", "2", "-q").out()).hasLineCount(2);
  }

  @Test
  void envFilesReachExecAndRun() throws Exception {
    file(SLEEPS);
    Files.writeString(folder.resolve("raw.env"), "X=1\n# no\nY=a \"b\"\n");
    Files.writeString(folder.resolve("quoted.env"), "Q=\"x y\"\n");
    String script =
        """
        $J up -d --build 2>/dev/null
        $J exec -T --env-file raw.env -e X=2 a sh -c 'echo $X $Y'
        $J run --rm -T --env-from-file quoted.env a sh -c 'echo $Q' 2>/dev/null
        """;
    assertThat(shell(script)).isEqualTo("2 a \"b\"\nx y\n");
  }

  @Test
  void aStoppedContainersNamesAreItsOwn() throws Exception {
    file(SLEEPS.replace("image", "hostname: own, image"));
    stage.ok(folder, "up", "-d");
    stage.ok(folder, "stop");
    assertThat(shell("$J cp a:/etc/hostname - | tar -xO")).isEqualTo("own\n");
    assertThat(shell("$J cp a:/etc/hosts - | tar -xO")).contains("own");
    assertThat(shell("$J cp a:/etc/resolv.conf - | tar -xO")).contains("nameserver");
  }

  @Test
  void theBridgeIsOneNetworkOfAllProjects() throws Exception {
    file(
        """
        services:
          a: {image: busybox, command: sleep 100000, stop_signal: SIGKILL, network_mode: bridge}
          b: {image: busybox, command: sleep 100000, stop_signal: SIGKILL, networks: [x]}
        networks: {x: {external: true, name: bridge}}
        """);
    String name = String.valueOf(folder.getFileName());
    stage.ok(folder, "up", "-d");
    assertThat(stage.ok(folder, "exec", "-T", "b", "ping", "-c1", name + "-a-1").out())
        .contains("1 packets received");
    stage.ok(folder, "down");
    stage.ok(folder, "up", "-d");
    stage.ok(folder, "down");
    assertThat(stage.ok(folder, "system", "prune", "-f").out())
        .contains("Deleted Networks:\nbridge\n");
  }

  @Test
  void theSourceOfASocketIsNotMade() throws Exception {
    file("services: {a: {image: busybox, volumes: ['./docker.sock:/var/run/docker.sock']}}\n");
    assertThat(stage.jcompose(folder, "up", "-d").err())
        .contains("bind source path does not exist: " + folder.resolve("docker.sock"));
    assertThat(folder.resolve("docker.sock")).doesNotExist();
  }

  @Test
  void anExitCodeOfNobodysIsRefused() throws Exception {
    file(SLEEPS);
    assertThat(stage.jcompose(folder, "up", "--exit-code-from", "b").err())
        .startsWith("no such service: b");
  }
}
