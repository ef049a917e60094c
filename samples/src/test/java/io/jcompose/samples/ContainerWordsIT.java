package io.jcompose.samples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
    String project =
        test.getTestMethod().orElseThrow().getName().toLowerCase(java.util.Locale.ROOT);
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
    assertThat(shell("($J logs -f $N 2>/dev/null) & $J kill $N 2>/dev/null; wait"))
        .isEqualTo("out\n");
  }

  @Test
  void removingAContainerIsAsWithDocker() throws Exception {
    assertThat(stage.jcompose(folder, "rm", name).err())
        .isEqualTo(
            "cannot remove container \""
                + name
                + "\": container is running: stop the container before removing or force remove\n");
    assertThat(stage.jcompose(folder, "rm", "-f", "a").err()).isEqualTo("No stopped containers\n");
    assertThat(out("rm", "-f", name)).isEqualTo("Going to remove " + name + "\n");
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
    assertThat(shell("$J kill $N 2>/dev/null; $J wait $N; echo $?")).isEqualTo("137\n0\n");
    out("start");
    assertThat(shell("$J wait a & $J kill $N 2>/dev/null; wait $!; echo $?"))
        .contains("exited with status code 137\n137\n");
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
        .contains("Invalid signal: NOSIG")
        .doesNotContain("the end of its log");
  }
}
