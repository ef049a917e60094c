package io.jcompose.engine;

import io.jcompose.core.ContainerSpec.Health;
import io.jcompose.core.ContainerView.HealthStatus;
import io.jcompose.core.Containers.ExecSpec;
import io.jcompose.core.StreamSession;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Probes containers that have a health check, by the rules of Docker's daemon/health.go: the next
 * probe begins an interval after the last one ended; failures within the start period do not count.
 * One timer thread for all; each probe runs on a virtual thread.
 */
final class HealthMonitor implements AutoCloseable {
  private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(30);

  private final ScheduledExecutorService timer = timer();
  private final Map<String, Watch> watches = new ConcurrentHashMap<>();

  /** Who runs the probes' programs and hears what they find. */
  interface Probed {
    StreamSession exec(String id, ExecSpec spec);

    void healthChanged(String id, HealthStatus status);
  }

  /** Begins to probe a container that runs since {@code startedAt}; its status is STARTING. */
  void watch(String id, Health check, Instant startedAt, Probed containers) {
    Watch watch = new Watch(id, check, startedAt, containers);
    Watch old = watches.put(id, watch);
    if (old != null) {
      old.cancel();
    }
    watch.scheduleNext();
  }

  /** Ends the probing; a probe under way has no further effect. */
  void stop(String id) {
    Watch watch = watches.remove(id);
    if (watch != null) {
      watch.cancel();
    }
  }

  @Override
  public void close() {
    timer.shutdownNow();
    watches.values().forEach(Watch::cancel);
  }

  private static ScheduledExecutorService timer() {
    ScheduledThreadPoolExecutor executor =
        new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().daemon().name("health-timer").factory());
    executor.setRemoveOnCancelPolicy(true);
    return executor;
  }

  /**
   * The probing of one run of one container. Guarded by its own monitor, which is never held while
   * a probe runs.
   */
  private final class Watch {
    private final String id;
    private final Health check;
    private final Probed containers;
    private final HealthRules rules;
    private @Nullable ScheduledFuture<?> next;
    private @Nullable StreamSession probe;
    private boolean cancelled;

    Watch(String id, Health check, Instant startedAt, Probed containers) {
      this.id = id;
      this.check = check;
      this.rules = new HealthRules(check, startedAt);
      this.containers = containers;
    }

    synchronized void scheduleNext() {
      if (!cancelled && !timer.isShutdown()) {
        next =
            timer.schedule(
                () -> Thread.ofVirtual().name("health-" + id.substring(0, 12)).start(this::run),
                rules.pause(Instant.now()).toMillis(),
                TimeUnit.MILLISECONDS);
      }
    }

    synchronized void cancel() {
      cancelled = true;
      if (next != null) {
        next.cancel(false);
      }
      if (probe != null) {
        probe.close();
      }
    }

    private void run() {
      Instant began = Instant.now();
      boolean passed;
      try {
        passed = probe() == 0;
      } catch (RuntimeException | IOException e) {
        // A probe that cannot run is a failed probe; the container's end cancels the watch.
        passed = false;
      }
      HealthStatus told = conclude(began, passed);
      if (told != null) {
        containers.healthChanged(id, told);
      }
      scheduleNext();
    }

    /** The new status, or null when it stays. */
    private synchronized @Nullable HealthStatus conclude(Instant began, boolean passed) {
      return cancelled ? null : rules.conclude(began, passed);
    }

    private int probe() throws IOException {
      try (StreamSession session =
          containers.exec(id, new ExecSpec(command(), List.of(), "", "", false, false, false))) {
        synchronized (this) {
          probe = session;
        }
        // Closing the session kills the probe's process, which ends the pump.
        ScheduledFuture<?> limit =
            timer.schedule(
                session::close,
                HealthRules.orDefault(check.timeout(), DEFAULT_TIMEOUT).toMillis(),
                TimeUnit.MILLISECONDS);
        try {
          session.pump((stream, buffer, offset, length) -> {});
          return limit.cancel(false) ? session.exitCode() : -1;
        } finally {
          limit.cancel(false);
          synchronized (this) {
            probe = null;
          }
        }
      }
    }

    private List<String> command() {
      List<String> test = check.test();
      if (test.getFirst().equals("CMD-SHELL")) {
        List<String> command = new ArrayList<>(List.of("/bin/sh", "-c"));
        command.add(String.join(" ", test.subList(1, test.size())));
        return command;
      }
      return test.subList(1, test.size());
    }
  }
}
