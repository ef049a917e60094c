package io.jcompose.api.docker;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.jcompose.api.docker.DockerFakes.Answer;
import io.jcompose.api.text.JsonText;
import io.jcompose.core.ContainerSpec;
import io.jcompose.core.ContainerStats;
import io.jcompose.core.ContainerView.State;
import io.jcompose.core.Containers.LogPlace;
import io.jcompose.core.Containers.LogQuery;
import io.jcompose.core.Containers.LogReader;
import io.jcompose.core.Containers.LogRecord;
import io.jcompose.core.Contents;
import io.jcompose.core.EngineEvent;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.ProcessView;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Statuses and texts are those of dockerd 28.5.2, as it answered. */
@Timeout(30)
class ContainerActionsTest {
  private static final Instant THEN = Instant.parse("2026-01-01T00:00:00.5Z");

  @TempDir Path folder;
  private DockerFakes docker;

  @BeforeEach
  void open() throws IOException {
    docker = new DockerFakes(folder);
    docker.containers.add(DockerFakes.container("run", State.RUNNING));
    docker.containers.add(DockerFakes.container("end", State.EXITED));
    docker.containers.add(DockerFakes.container("paused", State.PAUSED));
  }

  @AfterEach
  void close() throws IOException {
    docker.close();
  }

  private static String id(String name) {
    return Integer.toHexString(name.charAt(0) % 16).repeat(64);
  }

  private void refused(Answer answer, int status, String message) throws IOException {
    assertThat(answer.status()).as(answer.body()).isEqualTo(status);
    assertThat(answer.message()).isEqualTo(message);
    assertThat(answer.type()).isEqualTo("application/json");
  }

  @Test
  void startsAndStopsSayWhereNothingIsToDo() throws IOException {
    assertThat(docker.post("/containers/end/start").status()).isEqualTo(204);
    assertThat(docker.post("/containers/run/start").status()).isEqualTo(304);
    assertThat(docker.post("/containers/run/stop?t=3").status()).isEqualTo(204);
    assertThat(docker.post("/containers/run/stop").status()).isEqualTo(204);
    assertThat(docker.post("/containers/end/stop").status()).isEqualTo(304);
    assertThat(docker.post("/containers/run/restart?t=-1").status()).isEqualTo(204);
    assertThat(docker.asked)
        .containsExactly(
            "start " + id("end"),
            "stop " + id("run") + "  PT3S true",
            "stop " + id("run") + "  null true",
            "stop " + id("run") + "  PT-1S true",
            "start " + id("run"),
            "restarted " + id("run"));
    refused(docker.post("/containers/no/start"), 404, "No such container: no");
    refused(
        docker.post("/containers/run/stop?t=x"),
        500,
        "strconv.Atoi: parsing \"x\": invalid syntax");
    refused(
        docker.post("/containers/paused/start"),
        409,
        "cannot start a paused container, try unpause instead");
    docker.asked.clear();
    assertThat(docker.post("/containers/run/stop?signal=INT").status()).isEqualTo(204);
    assertThat(docker.post("/containers/run/restart?signal=INT&t=1").status()).isEqualTo(204);
    assertThat(docker.asked)
        .containsExactly(
            "stop " + id("run") + " INT null true",
            "stop " + id("run") + " INT PT1S true",
            "start " + id("run"),
            "restarted " + id("run"));
  }

  @Test
  void aRestartOfOneThatIsRemovedAtItsEndIsNoEnd() throws IOException {
    ContainerSpec spec = ContainerSpec.of("once", "busybox");
    docker.containers.add(
        DockerFakes.container(
            spec.with().lifecycle(spec.lifecycle().withAutoRemove(true)).build(), State.RUNNING));
    assertThat(docker.post("/containers/once/restart?t=1").status()).isEqualTo(204);
    assertThat(docker.asked)
        .containsExactly(
            "stopForRestart " + id("once") + "  PT1S",
            "start " + id("once"),
            "restarted " + id("once"));
    docker.asked.clear();
    docker.answers.put(
        "Containers.start",
        arguments -> {
          throw new JcomposeException.Unavailable("no room");
        });
    assertThat(docker.post("/containers/once/restart").status()).isEqualTo(503);
    assertThat(docker.asked)
        .containsExactly(
            "stopForRestart " + id("once") + "  null",
            "markEnded " + id("once"),
            "remove " + id("once") + " true true");
  }

  @Test
  void signalsPausesAndNamesGoToThePort() throws IOException {
    assertThat(docker.post("/containers/run/kill").status()).isEqualTo(204);
    assertThat(docker.post("/containers/run/kill?signal=HUP").status()).isEqualTo(204);
    assertThat(docker.post("/containers/run/pause").status()).isEqualTo(204);
    assertThat(docker.post("/containers/paused/unpause").status()).isEqualTo(204);
    assertThat(docker.post("/containers/run/rename?name=%2Fother").status()).isEqualTo(204);
    assertThat(docker.call("DELETE", "/containers/end?v=1&force=true", "").status()).isEqualTo(204);
    assertThat(docker.asked)
        .containsExactly(
            "kill " + id("run") + " SIGKILL",
            "kill " + id("run") + " HUP",
            "pause " + id("run"),
            "unpause " + id("paused"),
            "rename " + id("run") + " other",
            "remove " + id("end") + " true true");
    refused(
        docker.post("/containers/run/unpause"), 500, "Container " + id("run") + " is not paused");
    refused(
        docker.post("/containers/end/unpause"), 500, "Container " + id("end") + " is not paused");
    refused(
        docker.post("/containers/no/kill"),
        404,
        "cannot kill container: no: No such container: no");
    refused(
        docker.post("/containers/run/rename?name=a%2Fb"),
        400,
        "Error when allocating new name: Invalid container name (/a/b), only"
            + " [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed");
    refused(
        docker.call("DELETE", "/containers/run?link=1", ""),
        500,
        "Conflict, cannot remove the default link name of the container");
    refused(docker.post("/containers/run/rename"), 400, "Neither old nor new names may be empty");
    refused(
        docker.post("/containers/run/rename?name=run"),
        400,
        "Renaming a container with the same name as its current name");
    refused(docker.call("DELETE", "/containers/no", ""), 404, "No such container: no");
  }

  @Test
  void whatThePortRefusesHasDockersStatus() throws IOException {
    docker.answers.put(
        "Containers.kill",
        arguments -> {
          throw arguments[1].equals("BAD")
              ? new JcomposeException.InvalidArgument("no signal")
              : new JcomposeException.Conflict("cannot kill container: end: it is not running");
        });
    docker.answers.put(
        "Containers.start",
        arguments -> {
          throw new JcomposeException.CommandFailed("exec: \"x\": executable file not found", 127);
        });
    docker.answers.put(
        "Containers.rename",
        arguments -> {
          throw new JcomposeException.Conflict("Conflict. The container name \"/run\" is taken");
        });
    refused(
        docker.post("/containers/run/kill?signal=BAD"),
        400,
        "cannot kill container: run: invalid signal: BAD");
    refused(
        docker.post("/containers/end/kill"), 409, "cannot kill container: end: it is not running");
    refused(docker.post("/containers/end/start"), 400, "exec: \"x\": executable file not found");
    refused(
        docker.post("/containers/end/rename?name=run"),
        409,
        "Error when allocating new name: Conflict. The container name \"/run\" is taken");
  }

  @Test
  void processesAndChangesHaveDockersShape() throws IOException {
    docker.answers.put(
        "Activity.processes",
        arguments ->
            List.of(
                new ProcessView(
                    "root", 42, 1, DockerFakes.NOW, "?", Duration.ofSeconds(1), "sleep 9")));
    assertThat(docker.get("/containers/run/top").body().strip())
        .isEqualTo(
            "{\"Processes\":[[\"root\",\"42\",\"1\",\"0\",\"03:04\",\"?\",\"00:00:01\",\"sleep 9\"]],"
                + "\"Titles\":[\"UID\",\"PID\",\"PPID\",\"C\",\"STIME\",\"TTY\",\"TIME\",\"CMD\"]}");
    refused(
        docker.get("/containers/run/top?ps_args=" + "x".repeat(5000)),
        400,
        "arguments of ps that no program takes");
    assertThat(docker.get("/containers/run/changes").body()).isEqualTo("null\n");
    docker.answers.put(
        "Contents.changes",
        arguments ->
            List.of(
                new Contents.Change(Contents.Change.Kind.ADDED, "/a"),
                new Contents.Change(Contents.Change.Kind.DELETED, "/b")));
    assertThat(docker.get("/containers/run/changes").body().strip())
        .isEqualTo("[{\"Path\":\"/a\",\"Kind\":1},{\"Path\":\"/b\",\"Kind\":2}]");
  }

  @Test
  void aWaitIsOverWhenItsConditionIs() throws IOException {
    assertThat(docker.post("/containers/end/wait").body().strip()).isEqualTo("{\"StatusCode\":3}");
    refused(docker.post("/containers/run/wait?condition=bad"), 400, "invalid condition: \"bad\"");
    for (String condition : List.of("", "next-exit", "removed")) {
      try (SocketChannel channel = docker.connect()) {
        int before = docker.listeners();
        DockerFakes.send(
            channel,
            "POST /containers/run/wait?condition="
                + condition
                + " HTTP/1.1\r\nConnection: close\r\n\r\n");
        byte[] head = Channels.newInputStream(channel).readNBytes(15);
        assertThat(new String(head, java.nio.charset.StandardCharsets.US_ASCII))
            .isEqualTo("HTTP/1.1 200 OK");
        assertThat(docker.listeners()).isEqualTo(before + 1);
        docker.tell(
            new EngineEvent.ContainerExited(
                id("run"), "run", Map.of(), 7, false, true, Duration.ZERO, DockerFakes.NOW));
        docker.tell(new EngineEvent.ContainerRemoved(id("run"), "run", Map.of(), DockerFakes.NOW));
        byte[] rest = Channels.newInputStream(channel).readAllBytes();
        assertThat(new String(rest, java.nio.charset.StandardCharsets.US_ASCII))
            .contains("{\"StatusCode\":7}");
      }
    }
  }

  /** Lines of a log; read to their end it waits until it is closed, if it follows. */
  private LogReader log(LogQuery query, LogRecord... lines) {
    docker.asked.add("logs " + query.tail() + " " + query.follow() + " " + query.since());
    Deque<LogRecord> left = new ArrayDeque<>(Arrays.asList(lines));
    CountDownLatch closed = new CountDownLatch(1);
    return new LogReader() {
      @Override
      public LogRecord next() {
        if (left.isEmpty() && query.follow()) {
          try {
            closed.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        }
        return left.poll();
      }

      @Override
      public LogPlace place() {
        return new LogPlace(0, 0);
      }

      @Override
      public void close() {
        docker.asked.add("closed");
        closed.countDown();
      }
    };
  }

  @Test
  void logsAreFramesOrAsTheyAre() throws IOException {
    docker.answers.put(
        "Containers.logs",
        arguments ->
            log(
                (LogQuery) arguments[1],
                new LogRecord(THEN, "stderr", "err\n", false, Map.of("a", "b c")),
                new LogRecord(THEN, "stdout", "out\n")));
    Answer both = docker.get("/containers/run/logs?stdout=1&stderr=true&tail=5&since=7.25");
    assertThat(both.type()).isEqualTo("application/vnd.docker.multiplexed-stream");
    assertThat(both.body()).isEqualTo("\2\0\0\0\0\0\0\4err\n\1\0\0\0\0\0\0\4out\n");
    assertThat(docker.asked).containsExactly("logs 5 false 1970-01-01T00:00:07.250Z", "closed");
    assertThat(docker.get("/containers/run/logs?stdout=1&timestamps=1&tail=x").body())
        .isEqualTo("\1\0\0\0\0\0\0#2026-01-01T00:00:00.500000000Z out\n");
    assertThat(docker.get("/containers/run/logs?stderr=1&details=1").body())
        .isEqualTo("\2\0\0\0\0\0\0\12a=b+c err\n");
    assertThat(docker.get("/v1.41/containers/run/logs?stdout=1").type())
        .isEqualTo("application/vnd.docker.raw-stream");
    refused(
        docker.get("/containers/run/logs"),
        400,
        "Bad parameters: you must choose at least one stream");
    refused(
        docker.get("/containers/run/logs?stdout=1&since=x"),
        500,
        "strconv.ParseInt: parsing \"x\": invalid syntax");
    docker.containers.add(
        DockerFakes.container(
            ContainerSpec.of("tty", "busybox")
                .with()
                .process(ContainerSpec.ProcessSpec.DEFAULT.with().tty(true).build())
                .build(),
            State.RUNNING));
    Answer raw = docker.get("/containers/tty/logs?stdout=1&stderr=1");
    assertThat(raw.type()).isEqualTo("application/vnd.docker.raw-stream");
    assertThat(raw.body()).isEqualTo("err\nout\n");
  }

  @Test
  void aClientThatLeavesEndsItsFollowing() throws IOException {
    docker.answers.put("Containers.logs", arguments -> log((LogQuery) arguments[1]));
    docker.talk("GET /containers/run/logs?stdout=1&follow=1 HTTP/1.1\r\n\r\n");
    assertThat(docker.asked).contains("logs -1 true null", "closed");
    int before = docker.listeners();
    docker.talk("POST /containers/run/wait HTTP/1.1\r\n\r\n");
    docker.talk("GET /events HTTP/1.1\r\n\r\n");
    assertThat(docker.listeners()).isEqualTo(before);
  }

  @Test
  void countersAreThereOnceOrWithTheLast() throws IOException {
    docker.answers.put(
        "Activity.stats",
        arguments -> {
          if (arguments[0].equals(id("end"))) {
            throw new JcomposeException.Conflict("not running");
          }
          return new ContainerStats(DockerFakes.NOW, 5, 6, 7, 8, 9, 10, 11, 12, Map.of());
        });
    JsonNode once =
        JsonText.MAPPER.readTree(docker.get("/containers/run/stats?stream=0&one-shot=1").bytes());
    assertThat(once.path("cpu_stats").path("cpu_usage").path("total_usage").asInt()).isEqualTo(5);
    assertThat(once.path("cpu_stats").has("system_cpu_usage")).isTrue();
    assertThat(once.path("precpu_stats").has("system_cpu_usage")).isFalse();
    assertThat(once.path("preread").asText()).isEqualTo("0001-01-01T00:00:00Z");
    assertThat(once.path("memory_stats").path("limit").asInt()).isEqualTo(7);
    assertThat(once.path("networks").path("eth0").path("tx_bytes").asInt()).isEqualTo(9);
    JsonNode ended =
        JsonText.MAPPER.readTree(docker.get("/containers/end/stats?stream=false").bytes());
    assertThat(ended.path("read").asText()).isEqualTo("0001-01-01T00:00:00Z");
    assertThat(ended.path("memory_stats").toString()).isEqualTo("{}");
    assertThat(ended.path("blkio_stats").path("sectors_recursive").isNull()).isTrue();
  }

  @Test
  void eventsHaveAllOfDockersMembers() throws IOException {
    docker.tell(
        new EngineEvent.ContainerStarted(id("run"), "run", Map.of("l", "1"), DockerFakes.NOW));
    docker.tell(new EngineEvent.ContainerStarted(id("end"), "end", Map.of(), DockerFakes.NOW));
    long now = DockerFakes.NOW.getEpochSecond();
    String range = "since=1&until=" + now;
    String run = "{\"status\":\"start\",\"id\":\"" + id("run") + "\",\"from\":\"busybox\",";
    Answer all = docker.get("/events?" + range);
    assertThat(all.type()).isEqualTo("application/json");
    assertThat(all.body().lines()).hasSize(2);
    assertThat(all.body().lines().findFirst().orElse(""))
        .isEqualTo(
            run
                + "\"Type\":\"container\",\"Action\":\"start\",\"Actor\":{\"ID\":\""
                + id("run")
                + "\",\"Attributes\":{\"image\":\"busybox\",\"l\":\"1\",\"name\":\"run\"}},"
                + "\"scope\":\"local\",\"time\":"
                + now
                + ",\"timeNano\":"
                + now
                + "000000000}");
    assertThat(docker.get("/events?" + range + "&filters=%7B%22label%22:[%22l%22]%7D").body())
        .startsWith(run)
        .hasLineCount(1);
    assertThat(docker.get("/events?" + range + "&filters=%7B%22type%22:[%22image%22]%7D").body())
        .isEmpty();
    refused(docker.get("/events?until=x"), 500, "strconv.ParseInt: parsing \"x\": invalid syntax");
  }
}
