package io.jcompose.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.jcompose.core.ContainerSpec.ProcessSpec;
import io.jcompose.core.Containers.ExecSpec;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Resources;
import io.jcompose.core.StreamSession;
import io.jcompose.runtime.cgroup.CgroupHost;
import io.jcompose.runtime.cgroup.CgroupLayout;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TaskRuntimeIT {
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
  void runsAProgramAndTellsItsEnd() {
    var run = host.run("sh", "-c", "echo hello; echo oops >&2; exit 7").start();
    assertThat(run.awaitEnd().code()).isEqualTo(7);
    assertThat(run.text()).contains("hello\n", "oops\n");
    assertThat(host.runtime().exitOf(run.bundle))
        .hasValueSatisfying(e -> assertThat(e.code()).isEqualTo(7));
  }

  @Test
  void saysWhyAProgramCannotBeExecuted() {
    assertThatThrownBy(() -> host.run("nope").start())
        .isInstanceOfSatisfying(
            JcomposeException.CommandFailed.class, e -> assertThat(e.exitCode()).isEqualTo(127))
        .hasMessage("exec: \"nope\": executable file not found in $PATH");
    assertThatThrownBy(() -> host.run("/nope").start())
        .isInstanceOfSatisfying(
            JcomposeException.CommandFailed.class, e -> assertThat(e.exitCode()).isEqualTo(127))
        .hasMessageContaining("no such file or directory");
    assertThatThrownBy(() -> host.run("/etc").start())
        .isInstanceOfSatisfying(
            JcomposeException.CommandFailed.class, e -> assertThat(e.exitCode()).isEqualTo(126))
        .hasMessageContaining("is a directory");
    assertThatThrownBy(() -> host.run("/etc/passwd").start())
        .isInstanceOfSatisfying(
            JcomposeException.CommandFailed.class, e -> assertThat(e.exitCode()).isEqualTo(126))
        .hasMessageContaining("permission denied");
  }

  @Test
  void tellsTheSignalThatKilled() {
    var run = host.run("sleep", "100").start();
    run.task.signal(9);
    TaskExit exit = run.awaitEnd();
    assertThat(exit.code()).isEqualTo(137);
    assertThat(exit.signal()).isEqualTo(9);
  }

  @Test
  void executesFurtherPrograms() throws IOException {
    var run = host.run("sleep", "100").start();
    assertThat(exec(run.task, "", "sh", "-c", "echo from exec; id -u; exit 3"))
        .isEqualTo("from exec\n0\n[3]");
    assertThat(exec(run.task, "some input", "cat")).isEqualTo("some input[0]");
    assertThatThrownBy(() -> exec(run.task, "", "nope"))
        .hasMessageContaining("executable file not found in $PATH");
    assertThat(exec(run.task, "", "cat", "/proc/1/comm")).isEqualTo("sleep\n[0]");
    run.task.killAll();
    run.awaitEnd();
    assertThatThrownBy(() -> exec(run.task, "", "true"))
        .isInstanceOf(JcomposeException.Conflict.class);
  }

  @Test
  void executesManyProgramsAtATime() throws IOException {
    var run = host.run("sleep", "100").start();
    List<StreamSession> sessions = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      sessions.add(run.task.exec(program("cat")));
    }
    for (StreamSession session : sessions) {
      session.stdin().write("hello\n".getBytes(StandardCharsets.UTF_8));
      session.stdin().close();
      assertThat(drain(session)).isEqualTo("hello\n");
      assertThat(session.exitCode()).isZero();
      session.close();
    }
    run.task.killAll();
    run.awaitEnd();
  }

  /** A program without input has /dev/null, whose place a FIFO has here: nobody waits for it. */
  @Test
  void aFifoInThePlaceOfNullHoldsNoStartUp() throws Exception {
    var run = host.run("sleep", "100").start();
    assertThat(exec(run.task, "", "sh", "-c", "rm /dev/null && mknod /dev/null p"))
        .isEqualTo("[0]");
    ExecSpec noInput =
        new ExecSpec(
            List.of("sh", "-c", "cat; echo ended"), List.of(), "joe", "", false, false, false);
    FutureTask<String> started =
        new FutureTask<>(
            () -> {
              try (StreamSession session = run.task.exec(noInput)) {
                return drain(session);
              }
            });
    Thread.ofVirtual().start(started);
    assertThat(started.get(60, TimeUnit.SECONDS)).isEqualTo("ended\n");
    run.task.killAll();
    run.awaitEnd();
  }

  private static void signal(long pid, String name) throws Exception {
    assertThat(new ProcessBuilder("kill", "-" + name, Long.toString(pid)).start().waitFor())
        .isZero();
  }

  private static ExecSpec program(String... command) {
    return new ExecSpec(List.of(command), List.of(), "", "", false, true, false);
  }

  @Test
  void givesATerminal() throws IOException {
    var run = host.run("sleep", "100").start();
    try (StreamSession session =
        run.task.exec(
            new ExecSpec(
                List.of("sh", "-c", "tty; stty size; read x; echo got $x; stty size"),
                List.of(),
                "",
                "",
                true,
                true,
                false,
                30,
                90))) {
      session.resize(40, 100);
      session.stdin().write("hi\n".getBytes(StandardCharsets.UTF_8));
      assertThat(drain(session)).contains("/dev/pts/0", "got hi", "40 100");
      assertThat(session.exitCode()).isZero();
    }
    run.task.killAll();
    run.awaitEnd();
    var tty = host.run("sh", "-c", "ls -l /dev/console; tty; sleep 100");
    tty.process = terminal();
    tty.start();
    host.await("the terminal's output", () -> tty.text().contains("/dev/pts/"));
    tty.task.killAll();
    tty.awaitEnd();
    assertThat(tty.text()).contains("/dev/console", "/dev/pts/0");
  }

  @Test
  void survivesTheEngine() throws IOException {
    var run =
        host.run(
            "sh",
            "-c",
            "for i in $(seq 20000); do echo line $i; done; read x; echo end $x; exit 5");
    run.process = ProcessSpec.DEFAULT.withStdinOpen(true);
    run.start();
    host.restartEngine();
    Task adopted =
        host.runtime()
            .adopt(run.id, run.bundle, "", (task, exit) -> run.ends.add(exit))
            .orElseThrow();
    assertThat(adopted.pid()).isEqualTo(run.task.pid());
    assertThat(exec(adopted, "", "echo", "again")).isEqualTo("again\n[0]");
    try (StreamSession session = adopted.attach(true)) {
      session.stdin().write("here\n".getBytes(StandardCharsets.UTF_8));
      drain(session);
    }
    assertThat(run.awaitEnd().code()).isEqualTo(5);
    List<String> lines = run.text().lines().toList();
    assertThat(lines).hasSize(20001).endsWith("line 20000", "end here");
    assertThat(host.runtime().adopt(run.id, run.bundle, "", (task, exit) -> {})).isEmpty();
    assertThat(host.runtime().exitOf(run.bundle).orElseThrow().code()).isEqualTo(5);
  }

  private static ProcessSpec terminal() {
    return ProcessSpec.DEFAULT.with().tty(true).stdinOpen(true).build();
  }

  /** To setresuid(2) the largest number means no change, so that it would be root. */
  @Test
  void refusesUsersThatAreNoUser() throws IOException {
    var run =
        host.run(
            "sh",
            "-c",
            "printf 'big:x:4294967295:0::/:\\nhigh:x:7:3000000000::/:\\n' >>/etc/passwd; printf"
                + " 'many:x:4294967295:high\\n' >>/etc/group; echo ready; sleep 1000");
    run.start();
    host.await("its files", () -> run.text().contains("ready"));
    for (String user :
        List.of("big", "high", "7:many", "4294967295", "2147483648", "7:99999999999")) {
      ExecSpec id = new ExecSpec(List.of("id"), List.of(), user, "", false, false, false);
      assertThatThrownBy(() -> run.task.exec(id))
          .as(user)
          .hasMessageContaining("uids and gids must be in range 0-2147483647");
    }
    run.task.killAll();
    run.awaitEnd();
  }

  static String exec(Task task, String input, String... command) throws IOException {
    try (StreamSession session =
        task.exec(
            new ExecSpec(List.of(command), List.of(), "", "", false, !input.isEmpty(), false))) {
      if (!input.isEmpty()) {
        session.stdin().write(input.getBytes(StandardCharsets.UTF_8));
        session.stdin().close();
      }
      String out = drain(session);
      return out + "[" + session.exitCode() + "]";
    }
  }

  static String drain(StreamSession session) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    session.pump((stream, buffer, offset, length) -> out.write(buffer, offset, length));
    return out.toString(StandardCharsets.UTF_8);
  }

  @Test
  void saysThatAnEndIsUnknownWhenTheShimWasKilled() {
    var run = host.run("sleep", "1000").start();
    assertThat(shimOf(run.task).destroyForcibly()).isTrue();
    TaskExit exit = run.awaitEnd();
    assertThat(exit.lost()).isTrue();
    assertThat(exit.code()).isEqualTo(255);
    assertThat(host.runtime().exitOf(run.bundle).orElseThrow().lost()).isTrue();
    host.await("the process to end", () -> ProcessHandle.of(run.task.pid()).isEmpty());
  }

  @Test
  void tellsALostEndThatCannotBeRecorded() throws IOException {
    var run = host.run("sleep", "1000").start();
    Files.move(run.bundle, run.bundle.resolveSibling("away"));
    Files.createFile(run.bundle); // as on a full disk, nothing can be written there
    assertThat(shimOf(run.task).destroyForcibly()).isTrue();
    assertThat(run.awaitEnd().lost()).isTrue();
    host.await("the process to end", () -> ProcessHandle.of(run.task.pid()).isEmpty());
  }

  private static ProcessHandle shimOf(Task task) {
    return ProcessHandle.of(task.pid()).orElseThrow().parent().orElseThrow();
  }

  @Test
  void aStoppedShimIsTakenOverWhenItGoesOn() throws Exception {
    var run = host.run("sleep", "1000").start();
    long shim = shimOf(run.task).pid();
    signal(shim, "STOP");
    host.restartEngine();
    assertThatThrownBy(() -> host.runtime().adopt(run.id, run.bundle, "", (task, exit) -> {}))
        .isInstanceOf(JcomposeException.Timeout.class);
    signal(shim, "CONT");
    Task adopted =
        host.runtime()
            .adopt(run.id, run.bundle, "", (task, exit) -> run.ends.add(exit))
            .orElseThrow();
    assertThat(exec(adopted, "", "echo", "still here")).isEqualTo("still here\n[0]");
    adopted.killAll();
    run.awaitEnd();
  }

  @Test
  void endsAForkBombOneByOneWhereTheKernelCannotEndAGroup() {
    CgroupHost here = CgroupHost.detect();
    assumeTrue(here.v1().containsKey("freezer"), "no cgroup v1");
    String bomb = "trap '' TERM; exec awk 'BEGIN { for (;;) system(\"sleep 9 &\") }'";
    var run = host.run("sh", "-c", bomb);
    run.resources = pids(100);
    run.start();
    host.await("many processes", () -> run.task.processes().size() > 90);
    CgroupHost v1 = new CgroupHost(here.v1(), Optional.empty(), Set.of());
    new CgroupLayout(v1, host.config.cgroupRoot()).kill(run.id);
    assertThat(run.awaitEnd().code()).isEqualTo(137);
  }

  private static Resources pids(long limit) {
    return Resources.UNLIMITED.withPidsLimit(limit);
  }

  @Test
  void startsAgainWhenTheLauncherWasKilled() {
    ProcessHandle.current().children().forEach(ProcessHandle::destroyForcibly);
    host.await("the launcher to end", () -> ProcessHandle.current().children().findAny().isEmpty());
    assertThat(host.run("echo", "still here").output()).isEqualTo("still here\n");
  }

  @Test
  void sweepsWhatNobodyKnows() {
    var known = host.run("sleep", "1000").start();
    var unknown = host.run("sleep", "1000").start();
    host.runtime().sweep(Set.of(known.id));
    unknown.awaitEnd();
    assertThat(known.task.exit()).isEmpty();
    known.task.killAll();
    known.awaitEnd();
  }

  @Test
  void holdsOutputBackForTheAttachesToCome() throws IOException {
    var run = host.run("sh", "-c", "echo first; exit 4");
    run.task = host.runtime().start(run.spec(), (task, exit) -> run.ends.add(exit), 1);
    host.await("the end", () -> host.runtime().exitOf(run.bundle).isPresent());
    try (StreamSession session = run.task.attach(false)) {
      assertThat(drain(session)).isEqualTo("first\n");
      assertThat(session.exitCode()).isEqualTo(4);
    }
    assertThat(run.awaitEnd().code()).isEqualTo(4);
    assertThat(run.text()).isEqualTo("first\n");
  }
}
