package io.jcompose.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is said to docker's words before any engine is asked. */
class DockerWordsTest {
  private final PrintStream former = System.err;
  private final ByteArrayOutputStream told = new ByteArrayOutputStream();

  DockerWordsTest() {
    System.setErr(new PrintStream(told, true, StandardCharsets.UTF_8));
  }

  @AfterEach
  void giveBack() {
    System.setErr(former);
  }

  private String told(int code, String line) {
    return told(code, line, Map.of());
  }

  private String told(int code, String line, Map<String, String> env) {
    told.reset();
    List<String> words = new ArrayList<>(List.of("docker"));
    words.addAll(List.of(line.split(" ")));
    assertThat(Dispatch.run(words, env)).isEqualTo(code);
    return told.toString(StandardCharsets.UTF_8);
  }

  @Test
  void aWordThatDockerDoesNotHaveIsRefusedAsDockerDoes() {
    assertThat(told(1, "nosuchword"))
        .isEqualTo(
            "docker: unknown command: docker nosuchword\n\n"
                + "Run 'docker --help' for more information\n");
    assertThat(told(1, "container foo"))
        .isEqualTo(
            "docker: unknown command: docker container foo\n\nUsage:  docker container\n\n"
                + "Run 'docker container --help' for more information\n");
    assertThat(told(1, "swarm init"))
        .startsWith("docker: 'docker swarm' is not supported by jcompose: there is no swarm")
        .hasLineCount(1);
  }

  @Test
  void anOptionThatIsWrongIsToldWithTheUsage() {
    String usage =
        "\n\nUsage:  docker run [OPTIONS] IMAGE [COMMAND] [ARG...]\n\n"
            + "Run 'docker run --help' for more information\n";
    assertThat(told(125, "run --foo x")).isEqualTo("unknown flag: --foo" + usage);
    assertThat(told(125, "run --name")).isEqualTo("flag needs an argument: --name" + usage);
    assertThat(told(125, "run --cpus x a"))
        .isEqualTo(
            "invalid argument \"x\" for \"--cpus\" flag: failed to parse x as a rational number"
                + usage);
    assertThat(told(125, "run --pid foo a"))
        .isEqualTo(
            "docker: --pid: invalid PID mode\n\nRun 'docker run --help' for more information\n");
    assertThat(told(125, "--foo ps"))
        .isEqualTo(
            "unknown flag: --foo\n\nUsage:  docker [OPTIONS] COMMAND [ARG...]\n\n"
                + "Run 'docker --help' for more information\n");
  }

  @Test
  void wordsAreCounted() {
    assertThat(told(1, "run"))
        .isEqualTo(
            "docker: 'docker run' requires at least 1 argument\n\n"
                + "Usage:  docker run [OPTIONS] IMAGE [COMMAND] [ARG...]\n\n"
                + "See 'docker run --help' for more information\n");
    assertThat(told(1, "rename a"))
        .isEqualTo(
            "docker: 'docker rename' requires 2 arguments\n\n"
                + "Usage:  docker rename CONTAINER NEW_NAME\n\n"
                + "Run 'docker rename --help' for more information\n");
    assertThat(told(1, "ps x")).startsWith("docker: 'docker ps' accepts no arguments\n\n");
  }

  @Test
  void anEngineIsReachedByItsSocketOrBySsh() {
    assertThat(told(1, "-H tcp://a:2375 ps")).contains("tcp://a:2375 is not supported");
    assertThat(told(1, "ps", Map.of("DOCKER_HOST", "tcp://a:2375")))
        .contains("tcp://a:2375 is not supported");
    assertThat(told(1, "-c other ps")).contains("--context other is not supported");
    assertThat(told(1, "-H unix:///nosuch/socket -c default -D -l info ps"))
        .contains("no engine answers at /nosuch/socket");
  }

  @Test
  void optionsBeforeTheWordAreThoseOfTheEngine() {
    told.reset();
    List<String> words = List.of("-H", "/nosuch/socket", "docker", "ps");
    assertThat(Dispatch.run(words, Map.of())).isEqualTo(1);
    assertThat(Dispatch.run(List.of("-p", "x", "docker", "ps"), Map.of())).isEqualTo(1);
    assertThat(told.toString(StandardCharsets.UTF_8))
        .contains("no engine answers at /nosuch/socket")
        .contains("--project-name is no option of docker's");
  }

  @Test
  void composeIsJcomposeItself() {
    assertThat(told(1, "compose watch")).startsWith("'jcompose watch' is not supported: ");
    assertThat(told(1, "-H unix:///nosuch/socket compose -p x ps"))
        .contains("no engine answers at /nosuch/socket");
    assertThat(Dispatch.run(List.of("docker", "compose", "version", "--short"), Map.of())).isZero();
  }

  @Test
  void helpAndWhoItIsNeedNoEngine() {
    for (String line :
        new String[] {
          "--help",
          "help run",
          "run --help",
          "container",
          "container ls --help",
          "-v",
          "docker-cli-plugin-metadata",
          "network connect --help"
        }) {
      assertThat(told(0, line)).isEmpty();
    }
  }
}
