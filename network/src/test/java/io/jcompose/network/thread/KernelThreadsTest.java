package io.jcompose.network.thread;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.jcompose.core.JcomposeException;
import io.jcompose.core.sync.Rollback;
import io.jcompose.network.NetworkLab;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Work that a hanging kernel holds up. */
class KernelThreadsTest {
  private final KernelThreads threads = new KernelThreads("test-", 1, 100);
  private final CountDownLatch kernel = new CountDownLatch(1);
  private final List<String> log = new CopyOnWriteArrayList<>();

  @AfterEach
  void close() {
    kernel.countDown();
    threads.close();
  }

  @Test
  void workThatNobodyWaitsForAnyMoreUndoesItAllAtItsEnd() {
    try (Rollback held = new Rollback()) {
      held.push("address", () -> log.add("address"));
      assertThatThrownBy(() -> threads.call(held, this::hang))
          .isInstanceOf(JcomposeException.Timeout.class);
    }
    assertThat(log).isEmpty();
    kernel.countDown();
    NetworkLab.await("the undo", () -> log.size() == 4);
    assertThat(log).containsExactly("made", "closed", "interface", "address");
  }

  @Test
  void workThatFailsLateUndoesItAllAsWell() {
    try (Rollback held = new Rollback()) {
      held.push("address", () -> log.add("address"));
      assertThatThrownBy(
              () ->
                  threads.call(
                      held,
                      undo -> {
                        hang(undo);
                        throw new IllegalStateException("late");
                      }))
          .isInstanceOf(JcomposeException.Timeout.class);
    }
    kernel.countDown();
    NetworkLab.await("the undo", () -> log.size() == 3);
    assertThat(log).containsExactly("made", "interface", "address");
  }

  @Test
  void undosOfWorkThatEndedInTimeAreItsCallers() {
    kernel.countDown();
    try (Rollback held = new Rollback()) {
      held.push("address", () -> log.add("address"));
      threads.call(held, this::hang);
      log.add("goes on");
    }
    assertThat(log).containsExactly("made", "goes on", "interface", "address");
  }

  @Test
  void theLimitBeginsWithTheWork() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    FutureTask<?> first =
        new FutureTask<>(
            () ->
                threads.run(
                    () -> {
                      begun.countDown();
                      hang(new Rollback());
                    }),
            true);
    Thread.ofVirtual().start(first);
    begun.await();
    FutureTask<String> second = new FutureTask<>(() -> threads.call(() -> "done"));
    Thread.ofVirtual().start(second);
    assertThatThrownBy(first::get).hasRootCauseInstanceOf(JcomposeException.Timeout.class);
    kernel.countDown();
    assertThat(second.get()).isEqualTo("done");
  }

  @Test
  void workCallsWorkWithoutWaitingForItself() {
    assertThat(threads.call(() -> threads.call(() -> "inner"))).isEqualTo("inner");
  }

  private AutoCloseable hang(Rollback undo) {
    try {
      kernel.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    undo.push("interface", () -> log.add("interface"));
    log.add("made");
    return () -> log.add("closed");
  }
}
