package io.jcompose.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.Containers.ExecSpec;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.StreamSession;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A shim that dies under a container with an exec and an attach. */
class ShimCrashIT {
  private static final String MARK = "1000003"; // seconds that no other sleep here has

  @ParameterizedTest
  @ValueSource(strings = {"KILL", "SEGV"})
  void isToldToTheEngineAndToClients(String signal) throws Exception {
    try (TestHost host = new TestHost()) {
      var run = host.run("sh", "-c", "echo up; sleep " + MARK + " & sleep " + MARK).start();
      try (StreamSession exec = run.task.exec(sleep());
          StreamSession attach = run.task.attach(false)) {
        host.await("the log", () -> run.text().equals("up\n"));
        kill(signal, shimOf(run.task));
        TaskExit exit = run.awaitEnd();
        assertThat(exit.lost()).isTrue();
        assertThat(exit.code()).isEqualTo(255);
        assertThatThrownBy(exec::exitCode).isInstanceOf(JcomposeException.Unavailable.class);
        assertThatThrownBy(attach::exitCode).isInstanceOf(JcomposeException.Unavailable.class);
      }
      assertThat(host.runtime().exitOf(run.bundle))
          .hasValueSatisfying(e -> assertThat(e.lost()).isTrue());
      assertThatThrownBy(() -> run.task.exec(sleep()))
          .isInstanceOf(JcomposeException.Conflict.class);
      host.await("the processes to end", () -> sleepers() == 0);
      assertThat(host.run("echo", "on it goes").output()).isEqualTo("on it goes\n");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"KILL", "SEGV"})
  void isSeenByTheNextEngineWhenThereWasNone(String signal) throws Exception {
    try (TestHost host = new TestHost()) {
      var run = host.run("sh", "-c", "sleep " + MARK + " & sleep " + MARK).start();
      try (StreamSession exec = run.task.exec(sleep())) {
        long shim = shimOf(run.task);
        host.restartEngine(
            () -> {
              kill(signal, shim);
              host.await("the shim to end", () -> ProcessHandle.of(shim).isEmpty());
            });
        assertThatThrownBy(exec::exitCode).isInstanceOf(JcomposeException.Unavailable.class);
      }
      assertThat(host.runtime().adopt(run.id, run.bundle, "", (task, exit) -> {})).isEmpty();
      assertThat(host.runtime().exitOf(run.bundle)).isEmpty();
      host.runtime().sweep(Set.of());
      host.await("the processes to end", () -> sleepers() == 0);
    }
  }

  @Test
  void beforeTheStartLeavesNothing() throws Exception {
    try (TestHost host = new TestHost()) {
      var fifo = host.root.resolve("fifo");
      assertThat(new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor()).isZero();
      var run = host.run("true");
      run.network = new NetworkNamespace.At(fifo, false); // opening it waits for a writer
      Thread killer =
          Thread.ofPlatform()
              .start(
                  () -> {
                    host.await("the shim", () -> waitingShim(host) != 0);
                    kill("KILL", waitingShim(host));
                  });
      assertThatThrownBy(run::start)
          .isInstanceOf(JcomposeException.Internal.class)
          .hasMessageContaining("the shim ended");
      killer.join();
      Files.delete(fifo);
    }
  }

  /** The shim whose child waits; it is a child of the launcher, which is one of this process. */
  private static long waitingShim(TestHost host) {
    return ProcessHandle.current()
        .children()
        .filter(p -> p.info().commandLine().orElse("").contains(host.root.toString()))
        .flatMap(ProcessHandle::children)
        .filter(p -> Files.exists(host.config.runDir()))
        .filter(p -> p.children().anyMatch(child -> waits(child.pid())))
        .mapToLong(ProcessHandle::pid)
        .findFirst()
        .orElse(0);
  }

  private static boolean waits(long pid) {
    try {
      return Files.readString(Path.of("/proc/" + pid + "/wchan")).contains("wait_for_partner");
    } catch (IOException e) {
      return false;
    }
  }

  private static ExecSpec sleep() {
    return new ExecSpec(List.of("sleep", MARK), List.of(), "", "", false, false, false);
  }

  private static long shimOf(Task task) {
    return ProcessHandle.of(task.pid()).orElseThrow().parent().orElseThrow().pid();
  }

  private static void kill(String signal, long pid) {
    try {
      assertThat(new ProcessBuilder("kill", "-" + signal, "" + pid).start().waitFor()).isZero();
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static long sleepers() {
    return ProcessHandle.allProcesses()
        .filter(p -> p.info().commandLine().orElse("").endsWith(" " + MARK))
        .count();
  }
}
