package io.jcompose.network;

import io.jcompose.core.JcomposeException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * Two platform threads for kernel calls that wait on the kernel's network lock or change the
 * thread's namespace; virtual threads must do neither. Owned by the network stack.
 */
final class KernelThreads implements AutoCloseable {
  private static final int THREADS = 2;
  private static final long LIMIT_SECONDS = 30;

  private final ExecutorService threads;

  KernelThreads() {
    this("jcompose-net-", THREADS);
  }

  /**
   * @param name of each thread, before its number
   */
  KernelThreads(String name, int count) {
    ThreadFactory named = Thread.ofPlatform().daemon().name(name, 0).factory();
    threads = Executors.newFixedThreadPool(count, named);
  }

  /** Runs the work on one of the threads and waits for it. */
  <T> T call(Supplier<T> work) {
    Future<T> future = threads.submit(work::get);
    try {
      return future.get(LIMIT_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        cause.addSuppressed(new IllegalStateException("called from " + Thread.currentThread()));
        throw cause;
      }
      throw new JcomposeException.Internal("failed to work on the network", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new JcomposeException.Cancelled("interrupted while working on the network");
    } catch (TimeoutException e) {
      throw new JcomposeException.Timeout(
          "the kernel did not finish a network change in " + LIMIT_SECONDS + " s");
    }
  }

  void run(Runnable work) {
    call(
        () -> {
          work.run();
          return true;
        });
  }

  /** Runs the work later, unless closed. */
  void later(Runnable work) {
    if (!threads.isShutdown()) {
      threads.execute(work);
    }
  }

  @Override
  public void close() {
    threads.shutdown();
    try {
      if (!threads.awaitTermination(5, TimeUnit.SECONDS)) {
        threads.shutdownNow();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
