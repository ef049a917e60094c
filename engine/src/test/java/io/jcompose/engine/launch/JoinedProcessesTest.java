package io.jcompose.engine.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.ContainerSpec;
import io.jcompose.core.ContainerSpec.Lifecycle;
import io.jcompose.core.ContainerSpec.Security;
import io.jcompose.core.ContainerView.HealthStatus;
import io.jcompose.core.JcomposeException;
import io.jcompose.engine.launch.JoinedProcesses.Kind;
import io.jcompose.engine.record.Container;
import io.jcompose.engine.record.StoreFixture;
import io.jcompose.engine.run.FakeTask;
import io.jcompose.runtime.HeldProcess;
import io.jcompose.runtime.TaskListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JoinedProcessesTest {
  private static final String REFUSAL = "cannot join %s namespace of a non running container: c";

  @TempDir private Path directory;
  private Process process;
  private Container other;
  private JoinedContainers others;

  @BeforeEach
  void start() throws IOException {
    process = new ProcessBuilder("sleep", "1000").start();
    StoreFixture kept = new StoreFixture(directory);
    other = kept.container(Lifecycle.DEFAULT);
    others = new JoinedContainers(id -> kept.store.get(id));
  }

  @AfterEach
  void end() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  private void run() {
    FakeTask task =
        new FakeTask(
            other.id(),
            (TaskListener)
                (ended, exit) -> {
                  throw new AssertionError("it ended");
                });
    task.process = () -> HeldProcess.open(process.pid()).filter(HeldProcess::isAlive);
    Container.Run run = Container.Run.of(task, null, new CompletableFuture<>(), Duration.ZERO);
    other.started(other.record().run(), run, HealthStatus.NONE);
  }

  private JoinedProcesses hold() {
    String mode = "container:" + other.id();
    Security security = Security.DEFAULT.with().pidMode(mode).ipcMode("host").utsMode(mode).build();
    ContainerSpec spec = ContainerSpec.of("joining", "box").with().security(security).build();
    return JoinedProcesses.hold(others, spec);
  }

  @Test
  void holdsThoseThatModesNameAndLetsThemGo() throws IOException {
    run();
    Path pids;
    try (JoinedProcesses held = hold()) {
      HeldProcess ofPids = held.of(Kind.PID);
      assertThat(ofPids).isNotNull();
      pids = ofPids.path();
      assertThat(Files.readString(pids.resolve("comm"))).isEqualTo("sleep\n");
      assertThat(held.of(Kind.UTS)).isNotNull();
      assertThat(held.of(Kind.NETWORK)).isNull();
      assertThat(held.of(Kind.IPC)).isNull();
    }
    assertThat(Files.exists(pids.resolve("comm"))).isFalse();
  }

  @Test
  void refusesAContainerThatDoesNotRun() {
    assertThatThrownBy(this::hold)
        .isInstanceOf(JcomposeException.Conflict.class)
        .hasMessage(REFUSAL, "pid");
  }

  @Test
  void refusesOneWhoseEndIsNotKnownYet() throws InterruptedException {
    run();
    end();
    assertThatThrownBy(this::hold)
        .isInstanceOf(JcomposeException.Conflict.class)
        .hasMessage(REFUSAL, "pid");
  }

  @Test
  void explainsAFailureByAnEndThatCameBetween() throws InterruptedException {
    run();
    RuntimeException failure = new JcomposeException.Internal("failed to open namespace: ESRCH");
    try (JoinedProcesses held = hold()) {
      assertThat(held.explained(failure)).isSameAs(failure);
      end();
      assertThat(held.explained(failure))
          .isInstanceOf(JcomposeException.Conflict.class)
          .hasMessage(REFUSAL, "pid")
          .hasSuppressedException(failure);
    }
  }
}
