package io.jcompose.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.JcomposeException;
import io.jcompose.core.Progress;
import io.jcompose.core.build.BuildSpec;
import io.jcompose.core.build.Builds;
import io.jcompose.core.sync.KeyedLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Builds that have a step in common: one waits for the other, as long as it likes. */
@Timeout(120)
class BuildTurnsIT {
  @RegisterExtension static final EngineFixture host = new EngineFixture();

  @TempDir Path context;

  /** Somebody who may leave. */
  private static final class Client implements Progress {
    private volatile Runnable leave = () -> {};

    @Override
    public void report(Step step) {}

    @Override
    public void onGone(Runnable action) {
      leave = action;
    }
  }

  private CompletableFuture<Builds.Built> build(String dockerfile, Progress progress)
      throws Exception {
    Path folder = Files.createTempDirectory(context, "");
    Files.writeString(folder.resolve("Dockerfile"), dockerfile.replace("BASE", host.image));
    return CompletableFuture.supplyAsync(
        () -> host.engine().builds().build(List.of(BuildSpec.of("web", folder)), progress).get(0),
        Executors.newVirtualThreadPerTaskExecutor());
  }

  private static boolean anyWaits() {
    return Thread.getAllStackTraces().entrySet().stream()
        .filter(e -> e.getKey().getState() == Thread.State.WAITING)
        .filter(e -> Arrays.stream(e.getValue()).anyMatch(f -> f.getMethodName().equals("acquire")))
        .flatMap(e -> Arrays.stream(e.getValue()))
        .anyMatch(frame -> frame.getClassName().equals(KeyedLock.class.getName()));
  }

  private boolean isBegun() {
    return !EngineFixture.shell("find " + host.root + "/state/build/caches -name begun").isEmpty();
  }

  /** The second one waits for what both have, and is given up. */
  private void secondIsGivenUp(String first, String second) throws Exception {
    CompletableFuture<Builds.Built> one = build(first, Progress.NONE);
    EngineFixture.await("the command", this::isBegun);
    Client client = new Client();
    CompletableFuture<Builds.Built> other = build(second, client);
    EngineFixture.await("the other to wait", BuildTurnsIT::anyWaits);
    client.leave.run();
    assertThatThrownBy(other::get)
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(JcomposeException.Cancelled.class)
        .hasMessageContaining("given up");
    assertThat(one).isNotDone();
    EngineFixture.shell("for c in " + host.root + "/state/build/caches/*; do touch $c/go; done");
    assertThat(one.get().cached()).isFalse();
    assertThat(build(first, Progress.NONE).get().cached()).isTrue();
    host.engine().builds().prune(Builds.Prune.ALL);
  }

  @Test
  void whoeverWaitsForTheSameStepCanBeGivenUp() throws Exception {
    String wait = "touch /c/begun; until [ -e /c/go ]; do sleep 0.01; done";
    String text = "FROM BASE\nRUN --mount=type=cache,target=/c " + wait + "\n";
    secondIsGivenUp(text, text);
  }

  @Test
  void theEndOfTheEngineEndsTheStepsOfBuilds() throws Exception {
    CompletableFuture<Builds.Built> one =
        build(
            "FROM BASE\nRUN --mount=type=cache,target=/c touch /c/begun && exec sleep 86397\n",
            Progress.NONE);
    EngineFixture.await("the command", this::isBegun);
    host.shut();
    try {
      assertThatThrownBy(one::get).hasCauseInstanceOf(JcomposeException.Cancelled.class);
      assertThat(EngineFixture.shell("pgrep -f '^sleep 86397' || :")).isEmpty();
    } finally {
      host.open();
    }
    host.engine().builds().prune(Builds.Prune.ALL);
  }
}
