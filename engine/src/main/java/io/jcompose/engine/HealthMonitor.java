package io.jcompose.engine;

import io.jcompose.core.ContainerDetails.Probe;
import io.jcompose.core.ContainerSpec.Health;
import io.jcompose.core.ContainerView.HealthStatus;
import io.jcompose.core.Containers.ExecSpec;
import io.jcompose.core.StreamSession;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
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
  private static final int OUTPUT_LIMIT = 4096;

  private final ScheduledExecutorService timer = timer();
  private final Map<String, Watch> watches = new ConcurrentHashMap<>();

  /** Who runs the probes' programs and hears what they find. */
  interface Probed {
    StreamSession exec(String id, ExecSpec spec);

    /** Told of each probe before what it changes. */
    void probed(String id, Probe probe, int streak);

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
      ByteArrayOutputStream said = new ByteArrayOutputStream();
      int code = -1;
      String failure = "";
      try {
        code = probe(said);
        failure = code == -1 ? exceeded() : "";
      } catch (RuntimeException | IOException e) {
        // A probe that cannot run is a failed probe; the container's end cancels the watch.
        failure = String.valueOf(e.getMessage());
      }
      conclude(
          new Probe(began, Instant.now(), code, failure + said.toString(StandardCharsets.UTF_8)));
      scheduleNext();
    }

    private String exceeded() {
      return "Health check exceeded timeout ("
          + HealthRules.orDefault(check.timeout(), DEFAULT_TIMEOUT).toMillis() / 1000.0
          + "s): ";
    }

    private void conclude(Probe probe) {
      HealthStatus told;
      synchronized (this) {
        if (cancelled) {
          return;
        }
        told = rules.conclude(probe.start(), probe.exitCode() == 0);
        containers.probed(id, probe, rules.streak());
      }
      if (told != null) {
        containers.healthChanged(id, told);
      }
    }

    private int probe(ByteArrayOutputStream said) throws IOException {
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
          session.pump(
              (stream, buffer, offset, length) ->
                  said.write(buffer, offset, Math.min(length, OUTPUT_LIMIT - said.size())));
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
