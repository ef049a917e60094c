package io.jcompose.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.jcompose.linux.Libc;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A main process that is dead, and that a tracer keeps from its shim. */
class TracedEndIT {
  private static final long PTRACE_SEIZE = 0x4206;

  /** Of man 2. */
  public interface Functions {
    long ptrace(long request, long pid, long address, long data);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "runc"})
  void isLostWhenItIsWaitedForNoLonger(String runtime) throws Exception {
    try (TestHost host = new TestHost()) {
      var run = host.run("sleep", "1000");
      run.security = run.security.with().runtime(runtime).build();
      run.start();
      ProcessHandle shim = ProcessHandle.of(run.task.pid()).orElseThrow().parent().orElseThrow();
      try (Tracer _ = new Tracer(run.task.pid())) {
        assertThat(run.task.endTraced()).as("while it lives").isFalse();
        run.task.killAll();
        host.await("its shim to be given up", run.task::endTraced);
        assertThat(run.awaitEnd().lost()).isTrue();
        host.await("the shim's end", () -> !shim.isAlive());
        assertThat(run.task.endTraced()).as("after the end").isFalse();
      }
    }
  }

  @Test
  void isHeardByItsShimWhenTheTracerLetsGo() throws Exception {
    try (TestHost host = new TestHost()) {
      var run = host.run("sleep", "1000").start();
      try (Tracer _ = new Tracer(run.task.pid())) {
        run.task.killAll();
        host.await("its death", () -> isDead(run.task));
      }
      assertThat(run.awaitEnd().signal()).isEqualTo(9);
    }
  }

  private static boolean isDead(Task task) {
    Optional<HeldProcess> process = task.process();
    process.ifPresent(HeldProcess::close);
    return process.isEmpty();
  }

  /** A thread of this process, which lets go by its end. */
  private static final class Tracer implements AutoCloseable {
    private final CountDownLatch traced = new CountDownLatch(1);
    private final CountDownLatch done = new CountDownLatch(1);
    private final Thread thread;

    Tracer(long pid) throws InterruptedException {
      AtomicLong result = new AtomicLong(-1);
      thread =
          Thread.ofPlatform()
              .start(
                  () -> {
                    result.set(Libc.load(Functions.class).ptrace(PTRACE_SEIZE, pid, 0, 0));
                    traced.countDown();
                    await(done);
                  });
      traced.await();
      assertThat(result).hasValue(0);
    }

    private static void await(CountDownLatch latch) {
      try {
        latch.await();
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }

    @Override
    public void close() {
      done.countDown();
      try {
        thread.join();
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
  }
}
