package io.jcompose.api.docker;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.jcompose.api.docker.DockerFakes.Answer;
import io.jcompose.api.text.JsonText;
import io.jcompose.core.ContainerSpec;
import io.jcompose.core.ContainerView.State;
import io.jcompose.core.Containers.ExecSpec;
import io.jcompose.core.JcomposeException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Programs in containers and a container's own, over connections that are taken over. */
@Timeout(30)
class ProgramsTest {
  private static final String UPGRADE = "Connection: Upgrade\r\nUpgrade: tcp\r\n";

  @TempDir Path folder;
  private final FakeProgram program = new FakeProgram();
  private final List<ExecSpec> specs = new ArrayList<>();
  private DockerFakes docker;

  @BeforeEach
  void open() throws IOException {
    docker = new DockerFakes(folder);
    docker.containers.add(container("run", false, State.RUNNING));
    docker.containers.add(container("tty", true, State.RUNNING));
    docker.containers.add(DockerFakes.container("end", State.EXITED));
    docker.containers.add(DockerFakes.container("paused", State.PAUSED));
    docker.answers.put("Containers.attach", arguments -> program);
    docker.answers.put(
        "Containers.exec",
        arguments -> {
          specs.add((ExecSpec) arguments[1]);
          return program;
        });
  }

  private static io.jcompose.core.ContainerView container(String name, boolean tty, State state) {
    return DockerFakes.container(
        ContainerSpec.of(name, "busybox")
            .with()
            .process(ContainerSpec.ProcessSpec.DEFAULT.with().tty(tty).stdinOpen(true).build())
            .build(),
        state);
  }

  @AfterEach
  void close() throws IOException {
    docker.close();
  }

  private String made(String json) throws IOException {
    Answer answer = docker.call("POST", "/containers/run/exec", json);
    assertThat(answer.status()).as(answer.body()).isEqualTo(201);
    return JsonText.MAPPER.readTree(answer.bytes()).path("Id").asText();
  }

  private JsonNode shown(String exec) throws IOException {
    return JsonText.MAPPER.readTree(docker.get("/exec/" + exec + "/json").bytes());
  }

  /** Ids of those that have not ended, as the container's inspect has them. */
  private String programs() throws IOException {
    return JsonText.MAPPER
        .readTree(docker.get("/containers/run/json").bytes())
        .path("ExecIDs")
        .toString();
  }

  @Test
  void whatWasAskedForIsToldAgain() throws IOException {
    JsonNode shown = shown(made("{\"Cmd\":[\"x\"],\"User\":\"7\",\"DetachKeys\":\"ctrl-a,b\"}"));
    assertThat(shown.path("DetachKeys").asText()).isEqualTo("ctrl-a,b");
    assertThat(shown.path("ProcessConfig").path("user").asText()).isEqualTo("7");
    Answer wrong =
        docker.call("POST", "/containers/run/exec", "{\"Cmd\":[\"x\"],\"DetachKeys\":\"nosuch\"}");
    assertThat(wrong.message()).isEqualTo("Invalid detach keys (nosuch) provided");
  }

  private static String start(String exec, String headers, String body) {
    return "POST /v1.51/exec/"
        + exec
        + "/start HTTP/1.1\r\n"
        + headers
        + "Content-Type: application/json\r\nContent-Length: "
        + body.length()
        + "\r\n\r\n"
        + body;
  }

  @Test
  void anExecSpeaksInFramesAndItsEndIsKept() throws IOException {
    String id =
        made(
            "{\"Cmd\":[\"sh\",\"-c\",\"x\"],\"AttachStdout\":true,\"attachstderr\":true,\"New\":1}");
    assertThat(shown(id).toString())
        .isEqualTo(
            "{\"ID\":\""
                + id
                + "\",\"Running\":false,\"ExitCode\":null,\"ProcessConfig\":{\"tty\":false,"
                + "\"entrypoint\":\"sh\",\"arguments\":[\"-c\",\"x\"],\"privileged\":false},"
                + "\"OpenStdin\":false,\"OpenStderr\":true,\"OpenStdout\":true,\"CanRemove\":false,"
                + "\"ContainerID\":\"2222222222222222222222222222222222222222222222222222222222222222"
                + "\",\"DetachKeys\":\"\",\"Pid\":0}");
    assertThat(programs()).isEqualTo("[\"" + id + "\"]");
    program.says(1, "o\n").says(2, "e\n").ends(4);
    Answer answer = docker.talk(start(id, UPGRADE, "{\"Detach\":false}"));
    assertThat(answer.status()).isEqualTo(101);
    assertThat(answer.head())
        .startsWith("HTTP/1.1 101 UPGRADED\r\n")
        .contains("Content-Type: application/vnd.docker.multiplexed-stream\r\n")
        .contains("Api-Version: 1.51\r\n");
    assertThat(answer.body()).isEqualTo("\1\0\0\0\0\0\0\2o\n\2\0\0\0\0\0\0\2e\n");
    assertThat(shown(id).path("ExitCode").asInt()).isEqualTo(4);
    assertThat(programs()).isEqualTo("null");
    assertThat(shown(id).path("Running").asBoolean()).isFalse();
    Answer again = docker.call("POST", "/exec/" + id + "/start", "{}");
    assertThat(again.status()).isEqualTo(409);
    assertThat(again.message()).isEqualTo("exec command " + id + " has already run");
  }

  @Test
  void withoutAnUpgradeItIs200AndOnlyWhatIsWantedIsSent() throws IOException {
    String id = made("{\"Cmd\":[\"x\"],\"AttachStdout\":true}");
    program.says(2, "e\n").says(1, "o\n").ends(0);
    Answer answer = docker.talk(start(id, "", "{}"));
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.type()).isEqualTo("application/vnd.docker.raw-stream");
    assertThat(answer.body()).isEqualTo("\1\0\0\0\0\0\0\2o\n");
  }

  @Test
  void theEndOfTheClientsHalfIsThatOfTheInputAlone() throws Exception {
    String id = made("{\"Cmd\":[\"cat\"],\"AttachStdin\":true,\"AttachStdout\":true}");
    try (SocketChannel channel = docker.connect()) {
      DockerFakes.send(channel, start(id, UPGRADE, "{}") + "typed");
      channel.shutdownOutput();
      assertThat(program.input.get()).isEqualTo("typed");
      program.says(1, "late").ends(0);
      String all =
          new String(Channels.newInputStream(channel).readAllBytes(), StandardCharsets.ISO_8859_1);
      assertThat(all).endsWith("\1\0\0\0\0\0\0\4late");
    }
    assertThat(specs.getFirst().stdin()).isTrue();
  }

  @Test
  void aTerminalIsRawAndHasASize() throws Exception {
    String id =
        made(
            "{\"Cmd\":[\"sh\"],\"Tty\":true,\"AttachStdin\":true,\"AttachStdout\":true,"
                + "\"User\":\"1\",\"WorkingDir\":\"/w\",\"Env\":[\"A=b\"],\"Privileged\":true,"
                + "\"ConsoleSize\":[1,2]}");
    try (SocketChannel channel = docker.connect()) {
      DockerFakes.send(channel, start(id, UPGRADE, "{\"Tty\":true,\"ConsoleSize\":[24,80]}"));
      InputStream input = Channels.newInputStream(channel);
      program.says(1, "$");
      StringBuilder text = new StringBuilder();
      while (text.indexOf("\r\n\r\n$") < 0) {
        text.append((char) input.read());
      }
      assertThat(text.toString()).contains("Content-Type: application/vnd.docker.raw-stream\r\n");
      assertThat(docker.post("/exec/" + id + "/resize?h=5&w=6").status()).isEqualTo(200);
      assertThat(program.size).isEqualTo("5x6");
      assertThat(docker.post("/exec/" + id + "/resize?h=x&w=6").message())
          .isEqualTo("invalid resize height \"x\": invalid syntax");
      program.ends(0);
      assertThat(input.read()).isEqualTo(-1);
    }
    assertThat(specs)
        .containsExactly(
            new ExecSpec(List.of("sh"), List.of("A=b"), "1", "/w", true, true, true, 24, 80));
    assertThat(docker.post("/exec/" + id + "/resize?h=5&w=6").status()).isEqualTo(404);
  }

  @Test
  void aSizeWaitsForTheProgramToComeUp() throws Exception {
    String id = made("{\"Cmd\":[\"sh\"],\"Tty\":true}");
    assertThat(docker.post("/exec/" + id + "/resize?h=5&w=6").status()).isEqualTo(404);
    CountDownLatch starting = new CountDownLatch(1);
    CountDownLatch up = new CountDownLatch(1);
    docker.answers.put(
        "Containers.exec",
        _ -> {
          starting.countDown();
          try {
            up.await();
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
          return program;
        });
    try (SocketChannel channel = docker.connect()) {
      DockerFakes.send(channel, start(id, UPGRADE, "{\"Tty\":true}"));
      starting.await();
      CompletableFuture<Integer> status =
          CompletableFuture.supplyAsync(
              () -> {
                try {
                  return docker.post("/exec/" + id + "/resize?h=5&w=6").status();
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              });
      assertThat(status.completeOnTimeout(0, 100, TimeUnit.MILLISECONDS).get()).isZero();
      up.countDown();
      assertThat(docker.post("/exec/" + id + "/resize?h=7&w=8").status()).isEqualTo(200);
      assertThat(program.size).isIn("7x8", "5x6");
      program.ends(0);
    }
  }

  @Test
  void aProgramThatIsLeftGoesOn() throws Exception {
    String id = made("{\"Cmd\":[\"x\"]}");
    assertThat(docker.call("POST", "/exec/" + id + "/start", "{\"Detach\":true}").status())
        .isEqualTo(200);
    assertThat(shown(id).path("Running").asBoolean()).isTrue();
    assertThat(docker.call("POST", "/exec/" + id + "/start", "{\"Detach\":true}").message())
        .isEqualTo("exec command " + id + " is already running");
    assertThat(program.closed).isNotDone();
    program.ends(7);
    assertThat(program.closed.get()).isTrue();
    while (shown(id).path("Running").asBoolean()) {
      Thread.onSpinWait();
    }
    assertThat(shown(id).path("ExitCode").asInt()).isEqualTo(7);
  }

  @Test
  void whatCannotBeExecutedIsToldInTheStream() throws IOException {
    docker.answers.put(
        "Containers.exec",
        arguments -> {
          throw new JcomposeException.CommandFailed("exec: \"no\": executable file not found", 127);
        });
    String id = made("{\"Cmd\":[\"no\"],\"AttachStdout\":true}");
    Answer answer = docker.talk(start(id, UPGRADE, "{}"));
    assertThat(answer.status()).isEqualTo(101);
    assertThat(answer.body()).endsWith("exec: \"no\": executable file not found\r\n");
    assertThat(shown(id).path("ExitCode").asInt()).isEqualTo(127);
    String detached = made("{\"Cmd\":[\"no\"]}");
    assertThat(docker.call("POST", "/exec/" + detached + "/start", "{\"Detach\":true}").status())
        .isEqualTo(400);
  }

  @Test
  void wrongExecsAreRefusedInDockersWords() throws IOException {
    String[][] cases = {
      {"end", "{\"Cmd\":[\"x\"]}", "409", "container " + "5".repeat(64) + " is not running"},
      {"run", "{}", "400", "No exec command specified"},
      {"run", "", "400", "No exec command specified"},
      {"run", "{\"Cmd\":[null]}", "400", "invalid JSON: a word is null"},
      {"run", "{", "400", "invalid JSON: it is not what is asked for here"},
      {"run", "[]", "400", "invalid JSON: it is not what is asked for here"},
      {"no", "{\"Cmd\":[\"x\"]}", "404", "No such container: no"}
    };
    for (String[] one : cases) {
      Answer answer = docker.call("POST", "/containers/" + one[0] + "/exec", one[1]);
      assertThat(answer.status()).as(one[1]).isEqualTo(Integer.parseInt(one[2]));
      assertThat(answer.message()).isEqualTo(one[3]);
    }
    assertThat(docker.call("POST", "/containers/paused/exec", "{\"Cmd\":[\"x\"]}").status())
        .isEqualTo(409);
    String form =
        "POST /containers/run/exec HTTP/1.1\r\nConnection: close\r\nContent-Type: text/plain\r\n"
            + "Content-Length: 2\r\n\r\n{}";
    assertThat(docker.talk(form).message())
        .isEqualTo("unsupported Content-Type header (text/plain): must be 'application/json'");
    assertThat(docker.get("/exec/nosuch/json").message())
        .isEqualTo("No such exec instance: nosuch");
    assertThat(docker.call("POST", "/exec/nosuch/start", "{}").status()).isEqualTo(404);
    String id = made("{\"Cmd\":[\"x\"]}");
    docker.containers.clear();
    assertThat(docker.get("/exec/" + id + "/json").status()).isEqualTo(404);
  }

  @Test
  void execsThatNobodyStartsDoNotFillTheMemory() throws IOException {
    String first = made("{\"Cmd\":[\"x\"]}");
    String words = "\"" + "x".repeat(100_000) + "\"";
    for (int i = 0; i < 50; i++) {
      made("{\"Cmd\":[" + words + "," + words + "]}");
    }
    assertThat(docker.get("/exec/" + first + "/json").status()).isEqualTo(404);
  }

  @Test
  void anAttachLeavesTheProgramAtTheEndOfItsInput() throws Exception {
    try (SocketChannel channel = docker.connect()) {
      DockerFakes.send(
          channel,
          "POST /containers/run/attach?stream=1&stdin=1&stdout=1&stderr=1 HTTP/1.1\r\n"
              + UPGRADE
              + "Content-Length: 2\r\n\r\n{}");
      program.says(2, "e");
      InputStream input = Channels.newInputStream(channel);
      StringBuilder text = new StringBuilder();
      while (text.indexOf("\2\0\0\0\0\0\0\1e") < 0) {
        text.append((char) input.read());
      }
      assertThat(text.toString())
          .startsWith("HTTP/1.1 101 UPGRADED\r\n")
          .contains("application/vnd.docker.multiplexed-stream");
      DockerFakes.send(channel, "in");
      channel.shutdownOutput();
      assertThat(input.readAllBytes()).isEmpty();
    }
    assertThat(program.closed.get()).isTrue();
    assertThat(program.got()).isEqualTo("in"); // the body of the request is none of it
    assertThat(program.input).isNotDone();
  }

  @Test
  void withoutInputAnAttachEndsWithTheOutput() throws IOException {
    program.says(1, "o").ends(0);
    Answer answer =
        docker.talk(
            "POST /containers/run/attach?stream=1&stdout=1 HTTP/1.1\r\n" + UPGRADE + "\r\n");
    assertThat(answer.body()).isEqualTo("\1\0\0\0\0\0\0\1o");
    assertThat(docker.post("/containers/paused/attach?stream=1").status()).isEqualTo(409);
    assertThat(docker.post("/containers/run/attach?stream=1&detachKeys=bad").status())
        .isEqualTo(400);
  }

  @Test
  void aWebSocketCarriesBothWaysAsMessages() throws Exception {
    String socket =
        "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    String path = "GET /containers/run/attach/ws?stream=1&stdin=1&stdout=1&stderr=1 HTTP/1.1\r\n";
    try (SocketChannel channel = docker.connect()) {
      DockerFakes.send(channel, path + socket);
      program.says(2, "e").says(1, "o");
      InputStream input = Channels.newInputStream(channel);
      StringBuilder text = new StringBuilder();
      while (text.indexOf("\u0082\1e\u0082\1o") < 0) {
        text.append((char) input.read());
      }
      assertThat(text.toString())
          .startsWith("HTTP/1.1 101 Switching Protocols\r\n")
          .contains("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n");
      DockerFakes.send(channel, "\u0082\u0082\0\0\0\0in\u0088\u0080\0\0\0\0");
      assertThat(input.readAllBytes()).containsExactly(0x88, 0);
    }
    assertThat(program.closed.get()).isTrue();
    assertThat(program.got()).isEqualTo("in");
    assertThat(docker.talk(path + "\r\n").status()).isEqualTo(400);
    assertThat(docker.talk(path.replace("run", "no") + socket).message())
        .isEqualTo("No such container: no");
  }

  @Test
  void aTerminalIsLeftByItsKeysAndHasASize() throws Exception {
    try (SocketChannel channel = docker.connect()) {
      DockerFakes.send(
          channel,
          "POST /containers/tty/attach?stream=1&stdin=1&stdout=1&detachKeys=a,b HTTP/1.1\r\n"
              + UPGRADE
              + "\r\nxa");
      program.says(1, "$");
      InputStream input = Channels.newInputStream(channel);
      StringBuilder text = new StringBuilder();
      while (text.indexOf("\r\n\r\n$") < 0) {
        text.append((char) input.read());
      }
      assertThat(docker.post("/containers/tty/resize?h=3&w=4").status()).isEqualTo(200);
      assertThat(program.size).isEqualTo("3x4");
      DockerFakes.send(channel, "cab");
      assertThat(input.readAllBytes()).isEmpty();
    }
    assertThat(program.closed.get()).isTrue();
    assertThat(program.got()).isEqualTo("xac");
    assertThat(docker.post("/containers/tty/resize?h=3&w=4").status()).isEqualTo(200);
    assertThat(docker.post("/containers/end/resize?h=3&w=4").status()).isEqualTo(409);
    assertThat(docker.post("/containers/tty/resize?w=4").message())
        .isEqualTo("invalid resize height \"\": invalid syntax");
  }
}
