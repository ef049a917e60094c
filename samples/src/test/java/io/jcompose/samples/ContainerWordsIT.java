package io.jcompose.samples;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.samples.Commands.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

/**
 * Scripts that were written for {@code docker}: a container that is named itself answers as docker
 * does, and words that Docker takes mean the same.
 */
class ContainerWordsIT {
  private static final String SPEAKS =
      """
      services:
        a:
          image: busybox
          command: sh -c 'echo out; echo err >&2; exec sleep 100000'
          stop_signal: SIGKILL
          environment: {FOO: file, KEPT: file}
          tmpfs: [/scratch]
          volumes: [/anonymous, "./data:/data"]
          secrets: [word]
          expose: [9000, "53/udp", "3000-3002"]
      secrets: {word: {file: ./word}}
      """;

  @TempDir static Path root;
  private static Stage stage;
  private Path folder;
  private String name = "";

  @BeforeAll
  static void open() throws Exception {
    stage = new Stage(root);
  }

  @AfterAll
  static void leavesNothing() throws Exception {
    stage.close();
  }

  @BeforeEach
  void bringUp(TestInfo test) throws Exception {
    String project = test.getTestMethod().orElseThrow().getName().toLowerCase(Locale.ROOT);
    folder = Files.createDirectory(root.resolve(project));
    name = project + "-a-1";
    Files.writeString(folder.resolve("compose.yaml"), SPEAKS);
    Files.writeString(folder.resolve("word"), "secret");
    stage.ok(folder, "up", "-d");
  }

  @AfterEach
  void takeDown() throws Exception {
    stage.ok(folder, "down", "-v");
  }

  private String out(String... words) throws Exception {
    return stage.ok(folder, words).out();
  }

  private String shell(String script) throws Exception {
    return stage.shell(folder, script.replace("$N", name));
  }

  @Test
  void logsOfAContainerAreItsOwnTwoStreams() throws IOException, Exception {
    assertThat(
            shell(
                "until $J logs $N 2>&1 | grep -q err; do sleep 0.1; done; $J logs $N 2>/dev/null"))
        .isEqualTo("out\n");
    assertThat(shell("$J logs $N 2>&1 >/dev/null")).isEqualTo("err\n");
    assertThat(shell("$J logs a 2>/dev/null")).contains("a-1  | out\n", "a-1  | err\n");
    assertThat(shell("($J logs -f $N 2>/dev/null) & $J kill $N >/dev/null 2>&1; wait"))
        .isEqualTo("out\n");
  }

  @Test
  void whoNamesAContainerIsToldIt() throws Exception {
    String id = out("ps", "-q", "--no-trunc").strip();
    for (String word : List.of("pause", "unpause", "restart", "stop", "start", "kill")) {
      assertThat(out(word, name)).as(word).isEqualTo(name + "\n");
      assertThat(stage.jcompose(root, word, id).out()).as(word).isIn(id + "\n", "");
    }
    assertThat(out("start", "a")).isEmpty();
  }

  @Test
  void exposedPortsAreTold() throws Exception {
    assertThat(out("ps", "--format", "{{.Ports}}")).isEqualTo("53/udp, 3000-3002/tcp, 9000/tcp\n");
    assertThat(out("inspect", "-f", "{{json .Config.ExposedPorts}}", name))
        .contains("\"53/udp\":{}", "\"3001/tcp\":{}", "\"9000/tcp\":{}");
    assertThat(stage.jcompose(folder, "up", "-d").err()).contains("Running").doesNotContain("Rec");
    out("stop");
    assertThat(out("ps", "-a", "--format", "{{.Ports}}")).isEqualTo("\n");
  }

  @Test
  void containerIsAWordOfDockersBeforeOurs() throws Exception {
    assertThat(out("container", "ls", "--format", "{{.Names}}")).isEqualTo(name + "\n");
    String id = out("ps", "-q").strip();
    assertThat(out("container", "list", "-q", "--no-trunc").strip()).isEqualTo(id);
    assertThat(stage.ok(root, "container", "list", "-q").out())
        .isEqualTo(id.substring(0, 12) + "\n");
    assertThat(stage.ok(root, "container", "ls").out().lines().toList().getFirst())
        .matches("CONTAINER ID +IMAGE +COMMAND +CREATED +STATUS +PORTS +NAMES");
    assertThat(stage.jcompose(root, "container", "ls", "--format", "{{.Service}}").exitCode())
        .isEqualTo(1);
    assertThat(out("container", "exec", "-T", "a", "echo", "--all-projects"))
        .isEqualTo("--all-projects\n");
    assertThat(out("container", "inspect", "-f", "{{.Name}}", name)).isEqualTo("/" + name + "\n");
    assertThat(stage.ok(root, "container", "stats", "--no-stream").out()).contains(name);
    assertThat(out("container", "rm", "-f", name)).isEqualTo(name + "\n");
    assertThat(stage.jcompose(folder, "container", "down").err())
        .startsWith("no such command: container down\nThere are: attach, ");
  }

  @Test
  void whatIsThereIsAnsweredAndTheRestIsAnError() throws Exception {
    Result some = stage.jcompose(folder, "inspect", "-f", "{{.Name}}", "missing", name, "nothing");
    assertThat(some.exitCode()).isEqualTo(1);
    assertThat(some.out()).isEqualTo("/" + name + "\n");
    assertThat(some.err())
        .isEqualTo(
            "No such service or container: missing\nNo such service or container: nothing\n");
    assertThat(stage.jcompose(folder, "inspect", "missing").out()).isEqualTo("[]\n");
    out("volume", "create", "spare");
    Result removed = stage.jcompose(folder, "volume", "rm", "missing", "spare");
    assertThat(removed.exitCode()).isEqualTo(1);
    assertThat(removed.out()).isEqualTo("spare\n");
    assertThat(removed.err()).isEqualTo("get missing: no such volume\n");
    assertThat(out("container", "prune", "-f")).isEqualTo("Total reclaimed space: 0B\n");
  }

  @Test
  void whoNamesAnImageReadsWhatToWrite() throws Exception {
    assertThat(stage.jcompose(folder, "pull", "redis").err())
        .isEqualTo(
            "no such service: redis; an image by itself is pulled by `jcompose image pull redis`\n");
    assertThat(stage.jcompose(folder, "create", "redis:7").err())
        .isEqualTo(
            "no such service: redis:7; an image by itself is run by `jcompose container run`; for a"
                + " service write `image:` in a compose file\n");
    assertThat(stage.jcompose(folder, "start", "busybox").err())
        .isEqualTo("no such service: busybox; it is an image; `jcompose ps -a` lists containers\n");
    assertThat(stage.jcompose(folder, "pull", "aa").err()).contains("did you mean \"a\"?");
    assertThat(stage.jcompose(root, "pull", "redis").err())
        .startsWith("no configuration file provided: not found")
        .endsWith("; an image by itself is pulled by `jcompose image pull redis`\n");
    assertThat(stage.ok(root, "image", "pull", "-q", "busybox").out())
        .isEqualTo("docker.io/library/busybox:latest\n");
    assertThat(stage.jcompose(root, "image", "pull", "--platform", "linux/s390x", "busybox").err())
        .contains("linux/s390x");
  }

  @Test
  void theLastLineOfAFailureNamesTheContainer() throws Exception {
    Files.writeString(
        folder.resolve("more.yaml"), "services: {b: {image: busybox, command: nothing}}\n");
    String err = stage.jcompose(folder, "-f", "compose.yaml", "-f", "more.yaml", "up", "-d").err();
    assertThat(err)
        .endsWith(
            "\nContainer "
                + folder.getFileName()
                + "-b-1: exec: \"nothing\": executable file not found in $PATH\n");
  }

  @Test
  void removingAContainerIsAsWithDocker() throws Exception {
    assertThat(stage.jcompose(folder, "rm", name).err())
        .isEqualTo(
            "cannot remove container \""
                + name
                + "\": container is running: stop the container before removing or force remove\n");
    assertThat(stage.jcompose(folder, "rm", "-f", "a").err()).isEqualTo("No stopped containers\n");
    assertThat(out("rm", "-f", name)).isEqualTo(name + "\n");
    assertThat(out("ps", "-aq")).isEmpty();
    out("up", "-d");
    out("stop");
    out("rm", name); // asks nobody
    String job = out("run", "-d", "a", "sleep", "100000").strip();
    out("rm", "-f", job);
    assertThat(out("ps", "-aq")).isEmpty();
  }

  @Test
  void waitingForAContainerTellsItsCodeAlone() throws Exception {
    assertThat(shell("$J kill $N >/dev/null 2>&1; $J wait $N; echo $?")).isEqualTo("137\n0\n");
    // On a busy machine the end may come before it is waited for: then there is nothing to wait
    // for.
    String once =
        "$J start >/dev/null 2>&1; $J wait a & $J kill $N >/dev/null 2>&1; wait $!; echo $?";
    String told = shell(once);
    for (int i = 0; i < 20 && told.equals("1\n"); i++) {
      told = shell(once);
    }
    assertThat(told).contains("exited with status code 137\n137\n");
  }

  @Test
  void listsTakeDockersFilters() throws Exception {
    String id = out("ps", "-q", "-f", "name=^/" + name + "$").strip();
    assertThat(id).hasSize(64);
    for (String filter :
        new String[] {
          "name=a-1",
          "id=" + id.substring(0, 12),
          "label=com.docker.compose.service=a",
          "label=com.docker.compose.service",
          "ancestor=busybox:latest",
          "network=" + folder.getFileName() + "_default",
          "volume=/anonymous",
          "volume=" + folder.resolve("data"),
          "health=none",
          "status=running"
        }) {
      assertThat(out("ps", "-Aqf", filter)).as(filter).isEqualTo(id + "\n");
    }
    for (String filter :
        new String[] {
          "name=other", "label=nobody", "ancestor=nginx", "network=x", "volume=/", "exited=0"
        }) {
      assertThat(out("ps", "-Aaq", "--filter", filter)).as(filter).isEmpty();
    }
    assertThat(stage.jcompose(folder, "ps", "-f", "nam=x").err())
        .isEqualTo("invalid filter 'nam=x': did you mean name=…?\n");
  }

  @Test
  void mountsAreAllThatIsMounted() throws Exception {
    String volume = out("inspect", "-f", "{{range .Mounts}}{{.Name}}{{end}}", "a").strip();
    assertThat(out("ps", "--no-trunc", "--format", "{{.Mounts}} {{.LocalVolumes}}"))
        .isEqualTo(folder.resolve("data") + "," + folder.resolve("word") + "," + volume + " 1\n");
    assertThat(out("inspect", "-f", "{{range .Mounts}}{{.Destination}}={{.Source}} {{end}}", "a"))
        .contains("/run/secrets/word=" + folder.resolve("word") + " ");
    assertThat(
            out(
                "inspect",
                "-f",
                "{{json .HostConfig.Sysctls}}{{json .HostConfig.Init}}{{json .SizeRw}}",
                "a"))
        .isEqualTo("nullnullnull\n");
  }

  @Test
  void aNameAloneIsTheCallersVariable() throws Exception {
    String show = " a sh -c 'echo ${FOO-none} ${KEPT-none}'";
    assertThat(shell("FOO=caller $J exec -T -e FOO -e KEPT" + show)).isEqualTo("caller none\n");
    assertThat(shell("FOO=caller $J run --rm -T -e FOO -e KEPT" + show + " 2>/dev/null"))
        .isEqualTo("caller file\n");
    assertThat(shell("$J run --rm -it -e FOO=" + show + " 2>/dev/null")).isEqualTo("file\n");
  }

  @Test
  void whatRunStartedIsNoPartOfItsServiceForAPause() throws Exception {
    String job = out("run", "-d", "a", "sleep", "100000").strip();
    out("pause", "a");
    assertThat(out("inspect", "-f", "{{.State.Status}}", name, job)).isEqualTo("paused\nrunning\n");
    out("unpause", "a");
    out("rm", "-f", job);
  }

  @Test
  void aLinkToAFolderNamesTheProject() throws Exception {
    String script =
        """
        ln -s $PWD ../current && cd ../current
        $J config | head -1
        $J up -d 2>/dev/null && $J ps -q | wc -l && $J inspect -f \
            '{{index .Config.Labels "com.docker.compose.project.working_dir"}}' current-a-1
        $J down 2>/dev/null
        """;
    assertThat(shell(script)).isEqualTo("name: current\n1\n" + root.resolve("current") + "\n");
  }

  @Test
  void whatIsWrittenWronglyHasNoCauseInALog() throws Exception {
    assertThat(stage.jcompose(folder, "kill", "-s", "NOSIG", "a").err())
        .contains("invalid signal: NOSIG")
        .doesNotContain("the end of its log");
  }
}
