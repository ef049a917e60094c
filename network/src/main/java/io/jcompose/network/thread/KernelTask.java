package io.jcompose.network.thread;

import io.jcompose.core.JcomposeException;
import io.jcompose.core.sync.Rollback;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One piece of work for {@link KernelThreads}, with its caller, who may go before it ends: whoever
 * of the two comes last undoes. Run once, awaited once.
 */
final class KernelTask<T> implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(KernelTask.class);

  private final Function<Rollback, T> work;
  private final CountDownLatch begun = new CountDownLatch(1);
  private final CompletableFuture<T> result = new CompletableFuture<>();

  /** The work's own undos; its thread's until {@link #result} is complete, then the caller's. */
  private final Rollback own = new Rollback();

  private State state = State.WAITING; // guarded by this

  /** What the caller held, once it has gone; guarded by this. */
  private @Nullable Rollback left;

  KernelTask(Function<Rollback, T> work) {
    this.work = work;
  }

  @Override
  public void run() {
    synchronized (this) {
      if (state == State.CANCELLED) {
        return;
      }
      state = State.RUNNING;
    }
    begun.countDown();
    try {
      T value = work.apply(own);
      Rollback abandoned = end(() -> result.complete(value));
      if (abandoned != null) {
        LOG.warn("network work that nobody waited for any more has ended, and is undone");
        close(value);
        own.close();
        abandoned.close();
      }
    } catch (RuntimeException | Error e) {
      own.close();
      Rollback abandoned = end(() -> result.completeExceptionally(e));
      if (abandoned != null) {
        abandoned.close();
      }
    }
  }

  /** Waits for the result; what the work acquired is the caller's then. */
  T await(Rollback held, long turnMillis, long limitMillis) {
    try {
      boolean began = begun.await(turnMillis, TimeUnit.MILLISECONDS);
      T value = result.get(began ? limitMillis : 0, TimeUnit.MILLISECONDS);
      held.take(own);
      return value;
    } catch (ExecutionException e) {
      throw failure(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      abandon(held);
      throw new JcomposeException.Cancelled("interrupted while working on the network");
    } catch (TimeoutException e) {
      abandon(held);
      throw new JcomposeException.Timeout(
          "the kernel did not finish a network change in " + limitMillis / 1000 + " s");
    }
  }

  private static RuntimeException failure(ExecutionException e) {
    if (e.getCause() instanceof RuntimeException cause) {
      cause.addSuppressed(new IllegalStateException("called from " + Thread.currentThread()));
      return cause;
    }
    return new JcomposeException.Internal("failed to work on the network", e);
  }

  /** Null when the caller still waits, who then takes the result. */
  private synchronized @Nullable Rollback end(Runnable complete) {
    state = State.ENDED;
    if (left == null) {
      complete.run();
    }
    return left;
  }

  private synchronized void abandon(Rollback held) {
    switch (state) {
      case WAITING -> state = State.CANCELLED;
      case RUNNING -> {
        left = new Rollback();
        left.take(held);
      }
      // it ended this very moment: the caller undoes it with the rest
      case ENDED -> {
        if (!result.isCompletedExceptionally()) {
          close(result.join());
          held.take(own);
        }
      }
      case CANCELLED -> throw new IllegalStateException("awaited twice");
    }
  }

  private static void close(@Nullable Object value) {
    if (value instanceof AutoCloseable closeable) {
      try {
        closeable.close();
      } catch (Exception e) {
        LOG.warn("failed to close what nobody waited for any more", e);
      }
    }
  }

  private enum State {
    WAITING,
    RUNNING,
    ENDED,
    CANCELLED
  }
}
