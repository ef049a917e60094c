package io.jcompose.network.thread;

import io.jcompose.core.JcomposeException;
import io.jcompose.core.sync.Rollback;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Two platform threads for kernel calls that wait on the kernel's network lock or change the
 * thread's namespace; virtual threads must do neither. Owned by the network stack.
 *
 * <p>A kernel that hangs holds a call up for {@link #LIMIT_SECONDS} at most, but nobody can take
 * the work back: it is carried out when the kernel goes on, perhaps minutes later. So the work
 * itself then undoes what it made and what its caller held for it, and not before: what the kernel
 * still works with must not be given to others.
 */
public final class KernelThreads implements AutoCloseable {
  static final long LIMIT_SECONDS = 30;
  private static final int THREADS = 2;

  /** Until a call's turn comes, behind those of others. */
  private static final long TURN_SECONDS = 120;

  private final ExecutorService threads;
  private final ThreadLocal<Boolean> own = ThreadLocal.withInitial(() -> false);
  private final long limitMillis;

  public KernelThreads() {
    this("jcompose-net-", THREADS);
  }

  /**
   * @param name of each thread, before its number
   */
  public KernelThreads(String name, int count) {
    this(name, count, TimeUnit.SECONDS.toMillis(LIMIT_SECONDS));
  }

  /**
   * @param limitMillis how long a call waits from the moment that its work begins
   */
  KernelThreads(String name, int count, long limitMillis) {
    this.limitMillis = limitMillis;
    ThreadFactory named = Thread.ofPlatform().daemon().name(name, 0).factory();
    threads = Executors.newFixedThreadPool(count, work -> named.newThread(() -> begin(work)));
  }

  /** Runs the work on one of the threads and waits for it. */
  public <T> T call(Supplier<T> work) {
    try (Rollback none = new Rollback()) {
      T result = call(none, undo -> work.get());
      none.commit();
      return result;
    }
  }

  /**
   * Runs the work on one of the threads and waits for it.
   *
   * @param held the undo of what the caller holds for the work. Gets the work's own undos when it
   *     succeeds; is emptied when the caller cannot wait for the end, for then the work undoes all
   * @param work gets a rollback of its own for what it acquires; a result that can be closed is
   *     closed when nobody takes it
   * @throws JcomposeException.Timeout when it does not end in time
   */
  public <T> T call(Rollback held, Function<Rollback, T> work) {
    if (own.get()) {
      return work.apply(held);
    }
    KernelTask<T> task = new KernelTask<>(work);
    threads.execute(task);
    return task.await(held, TimeUnit.SECONDS.toMillis(TURN_SECONDS), limitMillis);
  }

  /** The same without a result. */
  public void run(Rollback held, Consumer<Rollback> work) {
    call(
        held,
        undo -> {
          work.accept(undo);
          return true;
        });
  }

  public void run(Runnable work) {
    call(
        () -> {
          work.run();
          return true;
        });
  }

  /** Runs the work later, unless closed. */
  public void later(Runnable work) {
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

  private void begin(Runnable work) {
    own.set(true);
    work.run();
  }
}
