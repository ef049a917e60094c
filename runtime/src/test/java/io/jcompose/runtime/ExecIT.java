package io.jcompose.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.ContainerSpec.ProcessSpec;
import io.jcompose.core.Containers.ExecSpec;
import io.jcompose.core.StreamSession;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What further programs of a task are given, and what becomes of them. */
class ExecIT {
  private TestHost host;

  @BeforeEach
  void open() {
    host = new TestHost();
  }

  @AfterEach
  void close() throws IOException {
    host.close();
  }

  @Test
  void aProgramHasAsMuchEnvironmentAsTheKernelTakes() throws IOException {
    List<String> env = new ArrayList<>();
    for (int i = 0; i < 12_000; i++) {
      env.add("VARIABLE_" + i + "=" + "v".repeat(100));
    }
    var run = host.run("sh", "-c", "env | grep -c VARIABLE_; sleep 1000");
    run.env = env;
    run.start();
    host.await("its output", () -> run.text().equals("12000\n"));
    host.restartEngine();
    Task adopted =
        host.runtime()
            .adopt(run.id, run.bundle, "", (task, exit) -> run.ends.add(exit))
            .orElseThrow();
    assertThat(TaskRuntimeIT.exec(adopted, "", "sh", "-c", "env | grep -c VARIABLE_"))
        .isEqualTo("12000\n[0]");
    adopted.killAll();
    run.awaitEnd();
    var large = host.run("true");
    large.env = List.of("LARGE=" + "x".repeat(140_000));
    assertThatThrownBy(large::start)
        .hasMessageContaining("variable LARGE")
        .hasMessageContaining("E2BIG");
  }

  @Test
  void furtherProgramsHaveTheGroupsThatWereAdded() throws IOException {
    var run = host.run("sleep", "1000");
    run.user = "joe";
    run.process = ProcessSpec.DEFAULT.withGroupAdd(List.of("77"));
    run.start();
    assertThat(TaskRuntimeIT.exec(run.task, "", "id", "-G")).isEqualTo("1000 10 77\n[0]");
    for (String user : List.of("joe", "33:33")) { // as the engine, which fills the user in
      ExecSpec id = new ExecSpec(List.of("id", "-G"), List.of(), user, "", false, false, false);
      try (StreamSession session = run.task.exec(id)) {
        assertThat(TaskRuntimeIT.drain(session)).isIn("1000 10 77\n", "33 77\n");
      }
    }
    run.task.killAll();
    run.awaitEnd();
  }

  @Test
  void findsGroupsBehindLinesOfAnyLength() throws IOException {
    var run =
        host.run(
            "sh",
            "-c",
            "{ printf 'big:x:5000:'; seq -f user%g 20000 | tr '\\n' ,; echo joe; } >>/etc/group;"
                + " for i in $(seq 400); do echo g$i:x:$((6000 + i)):joe; done >>/etc/group;"
                + " echo last:x:5001:joe >>/etc/group; echo ready; sleep 1000");
    run.start();
    host.await("its files", () -> run.text().contains("ready"));
    ExecSpec id = new ExecSpec(List.of("id", "-G"), List.of(), "joe", "", false, false, false);
    try (StreamSession session = run.task.exec(id)) {
      assertThat(TaskRuntimeIT.drain(session).strip().split(" "))
          .hasSize(404)
          .contains("1000", "10", "5000", "6001", "6400", "5001");
    }
    run.task.killAll();
    run.awaitEnd();
  }

  @Test
  void closingTheSessionOfAProbeKillsAllThatItStarted() throws IOException {
    var run = host.run("sleep", "1000").start();
    String command = "set -m; sleep 98 & (sleep 96 & exec sleep 95) & echo go; sleep 99; true";
    StreamSession session = run.task.exec(ExecSpec.probe(List.of("sh", "-c", command)));
    host.await("its processes", () -> run.task.processes().size() >= 6);
    session.close();
    host.await("them to end", () -> run.task.processes().size() == 1);
    run.task.killAll();
    run.awaitEnd();
  }
}
