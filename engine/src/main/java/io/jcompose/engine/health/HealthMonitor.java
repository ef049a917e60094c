package io.jcompose.engine.health;

import io.jcompose.core.ContainerDetails.Probe;
import io.jcompose.core.ContainerSpec.Health;
import io.jcompose.core.ContainerView.HealthStatus;
import io.jcompose.core.Containers.ExecSpec;
import io.jcompose.core.JcomposeException;
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
 * A paused container is not probed, and its time stands still. One timer thread for all; each probe
 * runs on a virtual thread.
 */
public final class HealthMonitor implements AutoCloseable {
  private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(30);
  private static final int OUTPUT_LIMIT = 4096;

  private final ScheduledExecutorService timer = timer();
  private final Map<String, Watch> watches = new ConcurrentHashMap<>();

  /** One run of a container: runs the probes' programs and hears what they find. */
  public interface Probed {
    StreamSession exec(ExecSpec spec);

    /** Notified of each probe before what it changes. */
    void probed(Probe probe, int streak);

    /** Notified with no lock held, and so perhaps after the probing has ended. */
    void healthChanged(HealthStatus status);
  }

  /** Begins to probe a container whose run has that age; its status is STARTING. */
  public void watch(String id, Health check, Duration age, Probed run) {
    Watch watch = new Watch(id, check, age, run);
    Watch old = watches.put(id, watch);
    if (old != null) {
      old.cancel();
    }
    watch.scheduleFirst();
  }

  /**
   * Ends the probing; a probe under way has no further effect, but what one has found may still be
   * reported.
   */
  public void stop(String id) {
    Watch watch = watches.remove(id);
    if (watch != null) {
      watch.cancel();
    }
  }

  /** Holds the probing until {@link #resume}; a probe under way does not count. */
  public void pause(String id) {
    Watch watch = watches.get(id);
    if (watch != null) {
      watch.pause();
    }
  }

  /** Goes on where {@link #pause} held it. */
  public void resume(String id) {
    Watch watch = watches.get(id);
    if (watch != null) {
      watch.resume();
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
    private final Probed run;
    private final HealthRules rules;
    private final ProbeStart starter = new ProbeStart();
    private long bornNanos; // as System.nanoTime(); later by each pause
    private long dueNanos; // when the next probe is due
    private long pausedNanos; // since when it is paused
    private boolean paused;
    private int turn; // grows with each probe and pause: of an older one nothing counts
    private @Nullable ScheduledFuture<?> next;
    private @Nullable StreamSession session;
    private boolean cancelled;

    Watch(String id, Health check, Duration age, Probed run) {
      this.id = id;
      this.check = check;
      this.bornNanos = System.nanoTime() - age.toNanos();
      this.rules = new HealthRules(check);
      this.run = run;
    }

    synchronized void scheduleFirst() {
      scheduleNext(turn);
    }

    synchronized void cancel() {
      cancelled = true;
      endTurn();
    }

    synchronized void pause() {
      if (cancelled || paused) {
        return;
      }
      paused = true;
      pausedNanos = System.nanoTime();
      endTurn();
    }

    synchronized void resume() {
      if (cancelled || !paused) {
        return;
      }
      paused = false;
      long held = System.nanoTime() - pausedNanos;
      bornNanos += held;
      schedule(Math.max(0, dueNanos - pausedNanos));
    }

    private void endTurn() {
      turn++;
      if (next != null) {
        next.cancel(false);
      }
      if (session != null) {
        session.close();
        session = null;
      }
    }

    private synchronized void scheduleNext(int probed) {
      if (probed == turn) {
        schedule(rules.pause(age()).toNanos());
      }
    }

    private void schedule(long nanos) {
      if (cancelled || timer.isShutdown()) {
        return;
      }
      int mine = ++turn;
      dueNanos = System.nanoTime() + nanos;
      next =
          timer.schedule(
              () ->
                  Thread.ofVirtual()
                      .name("health-" + id.substring(0, 12))
                      .start(() -> probeOnce(mine)),
              nanos,
              TimeUnit.NANOSECONDS);
    }

    private Duration age() {
      return Duration.ofNanos(System.nanoTime() - bornNanos);
    }

    private void probeOnce(int mine) {
      Duration began;
      synchronized (this) {
        began = age();
      }
      Instant at = Instant.now();
      ByteArrayOutputStream said = new ByteArrayOutputStream();
      int code = -1;
      String failure = "";
      try {
        code = probe(said, mine);
        failure = code == -1 ? exceeded() : "";
      } catch (RuntimeException | IOException e) {
        // A probe that cannot run is a failed probe; the container's end cancels the watch.
        failure = String.valueOf(e.getMessage());
      }
      String output = failure + said.toString(StandardCharsets.UTF_8);
      conclude(mine, began, new Probe(at, Instant.now(), code, output));
      scheduleNext(mine);
    }

    private String exceeded() {
      return "Health check exceeded timeout ("
          + HealthRules.orDefault(check.timeout(), DEFAULT_TIMEOUT).toMillis() / 1000.0
          + "s): ";
    }

    private void conclude(int mine, Duration began, Probe probe) {
      HealthStatus told;
      synchronized (this) {
        if (mine != turn) {
          return;
        }
        told = rules.conclude(began, probe.exitCode() == 0);
        run.probed(probe, rules.streak());
      }
      if (told != null) {
        run.healthChanged(told);
      }
    }

    private int probe(ByteArrayOutputStream said, int mine) throws IOException {
      try (StreamSession begun = starter.start(() -> run.exec(ExecSpec.probe(command())))) {
        synchronized (this) {
          if (mine != turn) {
            throw new JcomposeException.Cancelled("the container ended or was paused meanwhile");
          }
          session = begun;
        }
        // Closing the session kills the probe and all that it started, which ends the pump.
        ScheduledFuture<?> limit =
            timer.schedule(
                begun::close,
                HealthRules.orDefault(check.timeout(), DEFAULT_TIMEOUT).toNanos(),
                TimeUnit.NANOSECONDS);
        try {
          begun.pump(
              (stream, buffer, offset, length) ->
                  said.write(buffer, offset, Math.min(length, OUTPUT_LIMIT - said.size())));
          return limit.cancel(false) ? begun.exitCode() : -1;
        } finally {
          limit.cancel(false);
          synchronized (this) {
            session = null;
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
