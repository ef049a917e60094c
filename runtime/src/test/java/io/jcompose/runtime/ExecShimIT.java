package io.jcompose.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.ContainerSpec.ProcessSpec;
import io.jcompose.core.ContainerSpec.Security;
import io.jcompose.core.Containers.ExecSpec;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.ProcessView;
import io.jcompose.core.StreamSession;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each exec has a shim of its own: how many there may be, and who ends with whom. */
class ExecShimIT {
  private static final int MOST = 128;
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
  void thereMayBe128AtOnce() throws Exception {
    var run = host.run("sleep", "1000").start();
    List<StreamSession> sessions = new ArrayList<>();
    for (int i = 0; i < MOST; i++) {
      sessions.add(run.task.exec(withInput("cat")));
    }
    assertThatThrownBy(() -> run.task.exec(withInput("cat")))
        .isInstanceOf(JcomposeException.Conflict.class)
        .hasMessageContaining("as many sessions");
    for (StreamSession session : sessions) {
      session.stdin().write("here\n".getBytes(StandardCharsets.UTF_8));
      session.stdin().close();
      assertThat(TaskRuntimeIT.drain(session)).isEqualTo("here\n");
      assertThat(session.exitCode()).isZero();
      session.close();
      assertThat(TaskRuntimeIT.exec(run.task, "", "echo", "next")).isEqualTo("next\n[0]");
    }
    ProcessHandle shim = shimOf(run.task.pid());
    host.await("their shims to end", () -> shim.children().count() == 1);
    run.task.killAll();
    run.awaitEnd();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "host"})
  void theEndOfTheContainerIsTheirsAndTheyTell(String pidMode) throws Exception {
    var run = host.run("sleep", "1000");
    run.security = security(pidMode);
    run.start();
    String command = "trap '' TERM; echo up; while :; do sleep 1; done";
    try (StreamSession one = run.task.exec(withInput("sh", "-c", command));
        StreamSession other = run.task.exec(withInput("cat"))) {
      FutureTask<String> heard = new FutureTask<>(() -> TaskRuntimeIT.drain(one));
      Thread.ofVirtual().start(heard);
      run.task.signal(9);
      assertThat(run.awaitEnd().signal()).isEqualTo(9);
      assertThat(heard.get(60, TimeUnit.SECONDS)).isIn("up\n", "");
      assertThat(one.exitCode()).isEqualTo(137);
      assertThat(TaskRuntimeIT.drain(other)).isEmpty();
      assertThat(other.exitCode()).isEqualTo(137);
    }
  }

  @Test
  void anExecEndsWithItsShimAndNothingElseDoes() throws Exception {
    var run = host.run("sleep", "1000").start();
    try (StreamSession lost = run.task.exec(withInput("sleep", "1000007"));
        StreamSession other = run.task.exec(withInput("cat"))) {
      host.await("the exec", () -> find(run, "sleep 1000007") != 0);
      assertThat(shimOf(find(run, "sleep 1000007")).destroyForcibly()).isTrue();
      assertThatThrownBy(lost::exitCode).isInstanceOf(JcomposeException.Unavailable.class);
      host.await("its end", () -> find(run, "sleep 1000007") == 0);
      other.stdin().write("well".getBytes(StandardCharsets.UTF_8));
      other.stdin().close();
      assertThat(TaskRuntimeIT.drain(other)).isEqualTo("well");
      assertThat(other.exitCode()).isZero();
    }
    assertThat(TaskRuntimeIT.exec(run.task, "", "echo", "well")).isEqualTo("well\n[0]");
    assertThat(run.task.exit()).isEmpty();
    run.task.killAll();
    run.awaitEnd();
  }

  /** As another user, which the kernel forgets a signal of the parent's death for. */
  @Test
  void anExecOfAnotherUserEndsWithItsShim() throws Exception {
    var run = host.run("sleep", "1000").start();
    ExecSpec asJoe =
        new ExecSpec(List.of("sleep", "1000009"), List.of(), "joe", "", false, false, false);
    try (StreamSession lost = run.task.exec(asJoe)) {
      host.await("the exec", () -> find(run, "sleep 1000009") != 0);
      assertThat(shimOf(find(run, "sleep 1000009")).destroyForcibly()).isTrue();
      assertThatThrownBy(lost::exitCode).isInstanceOf(JcomposeException.Unavailable.class);
      host.await("its end", () -> find(run, "sleep 1000009") == 0);
    }
    run.task.killAll();
    run.awaitEnd();
  }

  /** As a set-id program, or one that a security module labels: the kernel forgets the signal. */
  @Test
  void anExecThatTheKernelLeavesBehindEndsWithItsShim() throws Exception {
    var run = host.run("sleep", "1000").start();
    String make = "cp /bin/busybox /sleep && chown 7 /sleep && chmod 4755 /sleep";
    assertThat(TaskRuntimeIT.exec(run.task, "", "sh", "-c", make)).isEqualTo("[0]");
    ExecSpec asJoe =
        new ExecSpec(List.of("/sleep", "1000011"), List.of(), "joe", "", false, false, false);
    try (StreamSession lost = run.task.exec(asJoe)) {
      host.await("the exec", () -> find(run, "/sleep 1000011") != 0);
      assertThat(shimOf(find(run, "/sleep 1000011")).destroyForcibly()).isTrue();
      assertThatThrownBy(lost::exitCode).isInstanceOf(JcomposeException.Unavailable.class);
      host.await("its end", () -> find(run, "/sleep 1000011") == 0);
    }
    run.task.killAll();
    run.awaitEnd();
  }

  @Test
  void aClientThatDoesNotReadHoldsOnlyItsOwnExecUp() throws Exception {
    var run = host.run("sh", "-c", "while :; do echo on; sleep 0.1; done").start();
    try (StreamSession stuck = run.task.exec(withInput("sh", "-c", "yes & yes >&2"))) {
      host.await("its two writers", () -> count(run, "yes") == 2);
      long lines = run.text().lines().count();
      host.await("the log", () -> run.text().lines().count() > lines + 3);
      for (int i = 0; i < 10; i++) {
        assertThat(TaskRuntimeIT.exec(run.task, "", "echo", "well")).isEqualTo("well\n[0]");
      }
      run.task.signal(9);
      assertThat(run.awaitEnd().signal()).isEqualTo(9);
      assertThat(stuck).isNotNull();
    }
  }

  /** Its process enters the other's namespace; no shim does. */
  @Test
  void execsRunInAContainerThatSharesAnothersProcesses() throws Exception {
    var first = host.run("sleep", "1000").start();
    var second = host.run("sleep", "1000");
    try (HeldProcess other = first.task.process().orElseThrow()) {
      second.joined = new TaskSpec.Joined(other, null, null);
      second.start();
    }
    try (StreamSession session = second.task.exec(withInput("cat"))) {
      String shims = "kill -0 1 && ps | grep -c '[l]auncher'";
      assertThat(TaskRuntimeIT.exec(second.task, "", "sh", "-c", shims)).isEqualTo("0\n[1]");
      second.task.signal(9);
      assertThat(second.awaitEnd().signal()).isEqualTo(9);
      assertThat(session.exitCode()).isEqualTo(137);
    }
    first.task.killAll();
    first.awaitEnd();
  }

  /** What a shim holds of its container is no exec's: its input ends when the engine ends it. */
  @Test
  void anExecHoldsNothingOfTheContainer() throws Exception {
    var run = host.run("cat");
    run.process = ProcessSpec.DEFAULT.withStdinOpen(true);
    run.start();
    try (StreamSession exec = run.task.exec(withInput("cat"));
        StreamSession attach = run.task.attach(true)) {
      host.await("the exec", () -> shimOf(run.task.pid()).children().count() == 2);
      long shim =
          shimOf(run.task.pid())
              .children()
              .mapToLong(ProcessHandle::pid)
              .filter(pid -> pid != run.task.pid())
              .sum();
      try (var open = Files.list(Path.of("/proc/" + shim + "/fd"))) {
        List<String> targets = open.map(ExecShimIT::target).toList();
        assertThat(targets).noneMatch(each -> each.contains("-json.log"));
        assertThat(Path.of("/proc/" + shim + "/environ")).content().isEqualTo("LC_ALL=C\0");
        // its client and its streams; nothing of the listener, of other clients, of the container
        assertThat(targets.stream().filter(each -> each.startsWith("socket:"))).hasSize(1);
        assertThat(targets.stream().filter(each -> each.startsWith("pipe:"))).hasSize(3);
      }
      attach.stdin().close();
      assertThat(run.awaitEnd().code()).isZero();
      assertThat(exec.exitCode()).isEqualTo(137);
    }
  }

  private static String target(Path fd) {
    try {
      return Files.readSymbolicLink(fd).toString();
    } catch (IOException e) {
      return ""; // the listing's own
    }
  }

  private static Security security(String pidMode) {
    return Security.DEFAULT.withPidMode(pidMode);
  }

  private static ExecSpec withInput(String... command) {
    return new ExecSpec(List.of(command), List.of(), "", "", false, true, false);
  }

  private static ProcessHandle shimOf(long pid) {
    return ProcessHandle.of(pid).orElseThrow().parent().orElseThrow();
  }

  private static long count(TestHost.Run run, String word) {
    return run.task.processes().stream().filter(p -> p.command().contains(word)).count();
  }

  /** The process with these words in a container, by its id on the host; 0 for none. */
  private static long find(TestHost.Run run, String command) {
    return run.task.processes().stream()
        .filter(p -> p.command().equals(command))
        .mapToLong(ProcessView::pid)
        .findFirst()
        .orElse(0);
  }
}
