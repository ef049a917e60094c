package io.jcompose.scheduler.execute;

import io.jcompose.core.ContainerView;
import io.jcompose.core.Containers;
import io.jcompose.core.JcomposeException;
import io.jcompose.scheduler.queue.Command;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Where steps wait for what containers become. An event wakes those that wait for its container and
 * they look again; nothing polls. Thread-safe.
 */
public final class Conditions {
  /** In case an event got lost with its sender. */
  private static final Duration LOOK_AGAIN = Duration.ofSeconds(30);

  private final Containers containers;
  private final Map<String, Set<Semaphore>> waiting = new ConcurrentHashMap<>();

  public Conditions(Containers containers) {
    this.containers = containers;
  }

  /** Wakes those who wait for the container. */
  public void changed(String id) {
    waiting.getOrDefault(id, Set.of()).forEach(Semaphore::release);
  }

  /**
   * Blocks until the container is as asked and returns it; lends the command's turn meanwhile.
   *
   * @param deadline of {@link System#nanoTime}; null waits until cancelled
   * @throws JcomposeException.NotFound when the container goes meanwhile
   * @throws JcomposeException.Timeout at the deadline
   */
  ContainerView until(
      String ref, Predicate<ContainerView> settled, @Nullable Long deadline, Command command) {
    ContainerView view = look(ref);
    if (settled.test(view)) {
      return view;
    }
    String id = view.id();
    return command.waiting(() -> await(id, settled, deadline, command));
  }

  private ContainerView await(
      String id, Predicate<ContainerView> settled, @Nullable Long deadline, Command command) {
    Semaphore signal = new Semaphore(0);
    Runnable waker = signal::release;
    waiting.compute(id, (key, signals) -> with(signals, signal));
    command.onCancel(waker);
    try {
      while (true) {
        command.checkWanted();
        ContainerView view = look(id);
        if (settled.test(view)) {
          return view;
        }
        pause(signal, deadline, view.name());
        signal.drainPermits();
      }
    } finally {
      command.forget(waker);
      waiting.computeIfPresent(
          id,
          (key, signals) -> {
            signals.remove(signal);
            return signals.isEmpty() ? null : signals;
          });
    }
  }

  private static Set<Semaphore> with(@Nullable Set<Semaphore> signals, Semaphore signal) {
    Set<Semaphore> all = signals == null ? ConcurrentHashMap.newKeySet() : signals;
    all.add(signal);
    return all;
  }

  private static void pause(Semaphore signal, @Nullable Long deadline, String name) {
    long limit = LOOK_AGAIN.toNanos();
    if (deadline != null) {
      long left = deadline - System.nanoTime();
      if (left <= 0) {
        throw new JcomposeException.Timeout("gave up waiting for container " + name);
      }
      limit = Math.min(limit, left);
    }
    try {
      boolean ignored = signal.tryAcquire(limit, TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new JcomposeException.Cancelled("interrupted while waiting for container " + name);
    }
  }

  private ContainerView look(String ref) {
    return containers
        .find(ref)
        .orElseThrow(() -> new JcomposeException.NotFound("No such container: " + ref));
  }
}
