package io.jcompose.samples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Commands that wait for what never comes, and clients that do not read: whoever gives the next
 * command of the project is served.
 */
class WaitingIT {
  /** More than a socket takes of reports that nobody reads. */
  private static final int MANY = 200;

  private static final int MOST_TRIES = 10;

  private static final String WAITS =
      """
      services:
        job: {image: busybox, command: sleep 100000, stop_signal: SIGKILL}
        web:
          image: busybox
          command: sleep 100000
          stop_signal: SIGKILL
          depends_on: {job: {condition: service_completed_successfully}}
      """;

  @TempDir Path root;
  private Path folder;
  private Stage stage;

  @BeforeEach
  void open() throws Exception {
    folder = Files.createDirectory(root.resolve("waiting"));
    stage = new Stage(root);
  }

  @AfterEach
  void leavesNothing() throws Exception {
    stage.ok(folder, "down", "-v");
    stage.close();
  }

  private void file(String text) throws IOException {
    Files.writeString(folder.resolve("compose.yaml"), text);
  }

  private void until(String service, String state) throws Exception {
    Stage.eventually(
        () -> {
          String all = stage.jcompose(folder, "ps", "-a", "--format", "json", service).out();
          if (!all.contains("\"State\":\"" + state + "\"")) {
            throw new IOException(all);
          }
          return all;
        });
  }

  @Test
  void theExitCodeIsTheContainersAlsoWhileADependencyIsWaitedFor() throws Exception {
    file(
        WAITS
            + """
              tests: {image: busybox, command: sh -c 'exit 7'}
            """);
    String script = "$J up --exit-code-from tests >up.log 2>&1; echo \"up $?\"";
    assertThat(stage.shell(folder, script)).isEqualTo("up 7\n");
    assertThat(folder.resolve("up.log"))
        .content()
        .contains("tests-1 exited with code 7", "job-1 exited with code 137")
        .doesNotContain("gave way");
    until("job", "exited");
  }

  /**
   * The moment is half a second from the start. Where many want the processor the program may need
   * longer, and then {@code up} says rightly that it is up; so it may be asked again. Without the
   * rule it would say so each time, for it looks long before the program ends.
   */
  @Test
  void waitDoesNotTakeAProgramForUpThatEndsInItsFirstMoment() throws Exception {
    file("services: {bad: {image: busybox, command: sh -c 'usleep 150000; exit 3'}}");
    stage.ok(folder, "pull");
    String script = "$J up -d --wait >up.log 2>&1; echo \"up $?\"; tail -1 up.log";
    String told = "";
    for (int i = 0; i < MOST_TRIES && !told.startsWith("up 1\n"); i++) {
      told = stage.shell(folder, script);
      until("bad", "exited");
    }
    assertThat(told).isEqualTo("up 1\ncontainer waiting-bad-1 exited (3)\n");
  }

  @Test
  void anUpThatWaitsForEverEndsWithItsClientAndHoldsNobodyUp() throws Exception {
    file(WAITS);
    stage.ok(folder, "create");
    String script =
        """
        $J up -d 2>up.log & up=$!
        until grep -q Waiting up.log; do sleep 0.1; done
        $J run --rm -T --no-deps web echo beside
        $J pause job 2>/dev/null && $J unpause job 2>/dev/null && echo paused
        kill -TERM $up; wait $up; echo "up $?"
        """;
    assertThat(stage.shell(folder, script)).isEqualTo("beside\npaused\nup 143\n");
    file(WAITS.replace("service_completed_successfully", "service_started"));
    stage.ok(folder, "up", "-d");
    until("web", "running");
  }

  @Test
  void ctrlCWhileImagesAreBuiltLeavesWhatRan() throws Exception {
    file("services: {web: {image: busybox, command: sleep 100000}}");
    stage.ok(folder, "up", "-d");
    file(
        """
        services:
          web: {image: busybox, command: sleep 100001}
          slow:
            build:
              context: .
              dockerfile_inline: |
                FROM busybox
                RUN echo building; sleep 100000
        """);
    String script =
        """
        $J --progress plain up --build >up.log 2>&1 & up=$!
        until grep -q '^#.* building$\\|building$' up.log; do sleep 0.1; done
        kill -INT $up; wait $up; echo "up $?"; tail -1 up.log
        while $J network ls --format '{{.Name}}' | grep -q jcompose_build; do sleep 0.1; done
        """;
    assertThat(stage.shell(folder, script)).isEqualTo("up 130\ncanceled\n");
    assertThat(stage.ok(folder, "ps", "--format", "{{.Service}} {{.State}}").out())
        .isEqualTo("web running\n");
    assertThat(stage.ok(folder, "exec", "-T", "web", "ps").out()).contains("sleep 100000");
  }

  @Test
  void aRunThatWaitsEndsAtASignal() throws Exception {
    file(WAITS);
    String script =
        """
        $J run --rm -T web true 2>run.log & run=$!
        until grep -q Waiting run.log; do sleep 0.1; done
        kill -TERM $run; wait $run; echo ended
        """;
    assertThat(stage.shell(folder, script)).isEqualTo("ended\n");
    assertThat(stage.ok(folder, "ps", "-a", "-q").out().lines()).hasSize(1);
  }

  @Test
  void aClientThatDoesNotReadHoldsNobodyUp() throws Exception {
    StringBuilder text = new StringBuilder("services:\n");
    for (int i = 0; i < MANY; i++) {
      text.append("  s%d: {image: busybox, command: sleep 100000}%n".formatted(i));
    }
    file(text.toString());
    stage.ok(folder, "ls");
    try (SocketChannel client = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      client.connect(UnixDomainSocketAddress.of(root.resolve("run/engine.sock")));
      String body = "{\"cwd\": \"%s\"}".formatted(folder);
      String request =
          "POST /jcompose/v1/create HTTP/1.1\r\nContent-Length: "
              + body.length()
              + "\r\n\r\n"
              + body;
      int sent = client.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.UTF_8)));
      assertThat(sent).isEqualTo(request.length());
      Stage.eventually(
          () -> {
            long made = stage.ok(folder, "ps", "-a", "-q").out().lines().count();
            if (made < MANY) {
              throw new IOException(made + " are made");
            }
            return "";
          });
      stage.ok(folder, "down");
      assertThat(stage.ok(folder, "ps", "-a", "-q").out()).isEmpty();
    }
  }

  @Test
  void aReplicaTooManyIsRefusedWithItsPlace() throws Exception {
    file("services:\n  web:\n    image: busybox\n    deploy: {replicas: 100000000}\n");
    for (String[] command : new String[][] {{"up", "-d"}, {"up"}, {"create"}}) {
      var refused = stage.jcompose(folder, command);
      assertThat(refused.exitCode()).isNotZero();
      assertThat(refused.err()).contains("compose.yaml:4:").contains("the project is too large");
    }
    file("services:\n  web: {image: busybox, command: sleep 100000}\n");
    assertThat(stage.jcompose(folder, "up", "-d", "--scale", "web=100000000").err())
        .contains("the project is too large");
    assertThat(stage.jcompose(folder, "scale", "web=100000000").err())
        .contains("the project is too large");
  }
}
