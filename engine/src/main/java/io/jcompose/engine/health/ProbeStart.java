package io.jcompose.engine.health;

import io.jcompose.core.JcomposeException;
import io.jcompose.core.StreamSession;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * Starts the programs of one container's probes, one at a time, within Docker's limit (moby,
 * daemon/health.go): a shim that does not answer makes a probe fail, and costs one thread until it
 * answers, however many probes come. Thread-safe.
 */
final class ProbeStart {
  private static final Duration LIMIT = Duration.ofSeconds(30);

  private final Duration limit;
  private final Semaphore one = new Semaphore(1);

  ProbeStart() {
    this(LIMIT);
  }

  ProbeStart(Duration limit) {
    this.limit = limit;
  }

  /**
   * The started program.
   *
   * @throws JcomposeException.Timeout when it did not start in time, or an earlier one still has
   *     not
   */
  StreamSession start(Supplier<StreamSession> exec) {
    try {
      if (!one.tryAcquire(limit.toNanos(), TimeUnit.NANOSECONDS)) {
        throw unanswered();
      }
      CompletableFuture<StreamSession> begun = new CompletableFuture<>();
      Thread.ofVirtual().start(() -> run(exec, begun));
      return await(begun);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new JcomposeException.Cancelled("interrupted while starting a health check");
    }
  }

  private void run(Supplier<StreamSession> exec, CompletableFuture<StreamSession> begun) {
    try {
      begun.complete(exec.get());
    } catch (RuntimeException e) {
      begun.completeExceptionally(e);
    } finally {
      one.release();
    }
  }

  private StreamSession await(CompletableFuture<StreamSession> begun) throws InterruptedException {
    try {
      return begun.get(limit.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      // Whenever it comes, nobody wants it any more.
      var _ = begun.thenAccept(StreamSession::close);
      throw unanswered();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e);
    }
  }

  private JcomposeException unanswered() {
    return new JcomposeException.Timeout(
        "timed out starting health check: the container's shim did not answer within "
            + limit.toMillis()
            + " ms");
  }
}
