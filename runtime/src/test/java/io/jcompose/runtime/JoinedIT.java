package io.jcompose.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.ContainerSpec.Security;
import io.jcompose.core.JcomposeException;
import io.jcompose.runtime.TaskSpec.Joined;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tasks in the namespaces of others, which may end at any time. */
class JoinedIT {
  private static final String NUMBERS = "/proc/sys/kernel/ns_last_pid";
  private static final int TRIES = 1000;

  private TestHost host;

  @BeforeEach
  void open() {
    host = new TestHost();
  }

  @AfterEach
  void close() throws IOException {
    host.close();
  }

  private TestHost.Run by(String runtime, String... args) {
    var run = host.run(args);
    run.security = Security.DEFAULT.with().runtime(runtime).build();
    return run;
  }

  private static Joined joined(HeldProcess other) {
    return new Joined(other, null, other);
  }

  private static NetworkNamespace networkOf(HeldProcess other) {
    return new NetworkNamespace.At(other.namespace("net"), true);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "crun", "runc"})
  void isWhereTheOtherIs(String runtime) throws IOException {
    var first = by(runtime, "sleep", "1000").start();
    var second =
        by(runtime, "sh", "-c", "for n in net pid uts; do readlink /proc/self/ns/$n; done; ps");
    try (HeldProcess other = first.task.process().orElseThrow()) {
      second.joined = joined(other);
      second.network = networkOf(other);
      String own =
          "%s\n%s\n%s\n"
              .formatted(
                  Files.readSymbolicLink(other.namespace("net")),
                  Files.readSymbolicLink(other.namespace("pid")),
                  Files.readSymbolicLink(other.namespace("uts")));
      assertThat(second.output()).startsWith(own).contains("sleep 1000");
    }
    first.task.signal(9);
    first.awaitEnd();
  }

  @Test
  void findsTheProcessAfterARestartOfTheEngine() {
    var first = host.run("sleep", "1000").start();
    host.restartEngine();
    Task task =
        host.runtime()
            .adopt(first.id, first.bundle, "", (ended, exit) -> first.ends.add(exit))
            .orElseThrow();
    try (HeldProcess other = task.process().orElseThrow()) {
      var second = host.run("ps");
      second.joined = joined(other);
      assertThat(second.output()).contains("sleep 1000");
    }
    task.signal(9);
    first.awaitEnd();
    assertThat(task.process()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "crun", "runc"})
  void isRefusedWhatHasEndedAlsoWhereAnotherProcessHasItsNumber(String runtime) throws Exception {
    var first = by(runtime, "sleep", "1000").start();
    try (HeldProcess other = first.task.process().orElseThrow()) {
      first.task.signal(9);
      first.awaitEnd();
      Process stranger = withNumber(first.task.pid());
      try {
        assertThat(first.task.process()).isEmpty();
        assertThat(HeldProcess.ofTask(first.id, stranger.toHandle())).isEmpty();
        assertThat(other.isAlive()).isFalse();
        var pids = by(runtime, "true");
        pids.joined = joined(other);
        var network = by(runtime, "true");
        network.network = networkOf(other);
        for (TestHost.Run run : List.of(pids, network)) {
          assertThatThrownBy(run::start).isInstanceOf(JcomposeException.class);
        }
      } finally {
        stranger.destroyForcibly().waitFor();
      }
    }
  }

  @Test
  void aZombieIsNotTakenForTheProcess() throws Exception {
    var first = host.run("sleep", "1000").start();
    ProcessHandle main = ProcessHandle.of(first.task.pid()).orElseThrow();
    String shim = Long.toString(main.parent().orElseThrow().pid());
    Path stat = Path.of("/proc/" + main.pid() + "/stat");
    signal("-STOP", shim);
    main.destroyForcibly();
    host.await("its end", () -> text(stat).contains(") Z "));
    assertThat(first.task.process()).isEmpty();
    signal("-CONT", shim);
    first.awaitEnd();
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static void signal(String signal, String pid) throws Exception {
    assertThat(new ProcessBuilder("kill", signal, pid).start().waitFor()).isZero();
  }

  /** A process of the host's by a number that is free; others may be faster a few times. */
  private static Process withNumber(long pid) throws Exception {
    for (int i = 0; i < TRIES; i++) {
      Files.writeString(Path.of(NUMBERS), Long.toString(pid - 1));
      Process process = new ProcessBuilder("sleep", "1000").start();
      if (process.pid() == pid) {
        return process;
      }
      process.destroyForcibly().waitFor();
    }
    throw new AssertionError("no process got the number " + pid);
  }
}
