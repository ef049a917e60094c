package io.jcompose.samples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What scripts ask of the engine, its logs and lists, and what they set in files. */
class InquiriesIT {
  @TempDir Path root;
  private Path project;
  private Stage stage;

  @BeforeEach
  void open() throws Exception {
    project = Files.createDirectory(root.resolve("asked"));
    stage = new Stage(root);
  }

  @AfterEach
  void leavesNothing() throws Exception {
    stage.ok(project, "-p", "asked", "down", "-v");
    stage.close();
  }

  @Test
  void tellsSizesDetailsAndItself() throws Exception {
    write(
        "compose.yaml",
        """
        services:
          web:
            image: busybox
            command: sh -c 'head -c 3000 /dev/zero >/x; echo said; exec sleep 1000'
            stop_grace_period: 0s
            expose: ["6379", "7000-7001/udp"]
            labels: {what: "a b"}
            logging: {options: {labels: what, tag: "{{.Name}}"}}
        """);
    stage.ok(project, "up", "-d", "--wait");
    Stage.eventually(
        () -> {
          String logs = stage.ok(project, "logs").out();
          if (!logs.contains("said")) {
            throw new IOException(logs);
          }
          return logs;
        });
    assertThat(stage.ok(project, "ps", "-s").out())
        .contains(" SIZE\n")
        .containsPattern("3[.0-9]*kB \\(virtual [.0-9]+MB\\)\n");
    assertThat(stage.ok(project, "logs", "--details", "--no-log-prefix").out())
        .isEqualTo("tag=asked-web-1,what=a+b said\n");
    assertThat(stage.ok(project, "version", "--format", "{{.Client.Version}} {{.Server.Os}}").out())
        .matches("[0-9.]+ linux\n");
    assertThat(stage.ok(project, "info", "-f", "{{.ContainersRunning}} {{.OSType}}").out())
        .isEqualTo("1 linux\n");
    assertThat(stage.ok(project, "system", "info", "--format", "json").out())
        .contains("\"DockerRootDir\":\"" + root.resolve("lib") + "\"");
    assertThat(stage.jcompose(project, "info", "--format", "{{.ContainersRuning}}").err())
        .contains("ContainersRunning");
  }

  @Test
  void takesAnEnvFileThatIsAPipe() throws Exception {
    write("compose.yaml", "services: {job: {image: busybox, command: 'echo ${WORD}'}}");
    String bash = "bash -c '\"$J\" --env-file <(echo WORD=piped) ";
    assertThat(stage.shell(project, bash + "config --format json'")).contains("piped");
    assertThat(stage.shell(project, bash + "run --rm job'")).isEqualTo("piped\n");
    assertThat(stage.shell(project, bash + "up'")).contains("piped");
    assertThat(stage.shell(project, "export JCOMPOSE_HOST=unix:///none.sock; " + bash + "config'"))
        .contains("piped");
  }

  @Test
  void anImageIsBuiltOfWhatIsSent() throws Exception {
    write("compose.yaml", "services: {job: {image: 'sent:${TAG}', command: cat /what}}");
    write("what", "from the context\n");
    write("Dockerfile", "FROM busybox\nCOPY what /what\n");
    String script =
        """
        printf 'FROM busybox\\nRUN echo alone >/what\\n' | $J image build -q -t sent:1 - >id1
        tar cz what Dockerfile | $J image build -q -t sent:2 --iidfile id2 - >told2
        printf 'FROM busybox\\nCOPY Dockerfile /what\\n' | $J build -q -t sent:3 -f - . >id3
        for tag in 1 2 3; do TAG=$tag $J run --rm -T job | tail -1; done
        grep -q "^$(cat id2)$" told2 && echo same
        $J image build - -f - </dev/null 2>&1; echo $?
        """;
    assertThat(stage.shell(project, script))
        .isEqualTo(
            """
            alone
            from the context
            COPY what /what
            same
            invalid argument: can't use stdin for both build context and dockerfile
            1
            """);
  }

  @Test
  void dotEnvTellsWhatBecomesOfOrphans() throws Exception {
    String one = "a: {image: busybox, command: sleep 1000, stop_grace_period: 0s}";
    write("compose.yaml", "services: {" + one + ", " + one.replace("a:", "b:") + "}");
    stage.ok(project, "up", "-d");
    write("compose.yaml", "services: {" + one + "}");
    assertThat(stage.ok(project, "up", "-d").err()).contains("orphan");
    write(".env", "COMPOSE_IGNORE_ORPHANS=true\n");
    assertThat(stage.ok(project, "up", "-d").err()).doesNotContain("orphan");
    assertThat(stage.jcompose(project, "up", "-d", "--remove-orphans").err())
        .contains("cannot combine COMPOSE_IGNORE_ORPHANS and --remove-orphans");
    stage.ok(project, "kill");
    assertThat(stage.ok(project, "ps", "--services").out()).isEqualTo("b\n");
    write(".env", "COMPOSE_REMOVE_ORPHANS=1\n");
    stage.ok(project, "kill");
    assertThat(stage.ok(project, "ps", "--services").out()).isBlank();
    stage.ok(project, "up", "-d");
    assertThat(stage.ok(project, "ps", "-a", "--format", "{{.Service}}").out()).isEqualTo("a\n");
  }

  private void write(String name, String text) throws Exception {
    Files.writeString(project.resolve(name), text);
  }
}
