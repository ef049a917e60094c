package io.jcompose.engine.record;

import io.jcompose.core.ContainerView;
import io.jcompose.core.ContainerView.HealthStatus;
import io.jcompose.core.ContainerView.State;
import io.jcompose.core.JcomposeException;
import io.jcompose.engine.health.ProbeLog;
import io.jcompose.network.Sandbox;
import io.jcompose.runtime.Task;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A container with its present run. Changed only by {@code EngineContainers} and {@code Runs} under
 * the container's key in their lock, but for its probes and execs; every thread may read the view,
 * which is replaced as a whole and never waits.
 */
public final class Container {
  private final String id;
  private volatile ContainerRecord record;
  private volatile @Nullable Run run;
  private volatile boolean paused;
  private volatile int pauses; // so far
  private volatile boolean restarting;
  private volatile boolean removing;
  private volatile boolean endRequested;
  private volatile boolean restartAfterEnd;
  private volatile HealthStatus health = HealthStatus.NONE;
  private volatile ProbeLog probes = ProbeLog.EMPTY;
  private volatile ContainerView view;
  private final Set<String> execs = ConcurrentHashMap.newKeySet(1);

  public Container(ContainerRecord record) {
    this.id = record.id();
    this.record = record;
    this.view = compose();
  }

  public String id() {
    return id;
  }

  public ContainerRecord record() {
    return record;
  }

  public ContainerView view() {
    return view;
  }

  @Nullable
  public Run run() {
    return run;
  }

  /** The present run; throws Conflict when there is none. */
  public Run running() {
    Run present = run;
    if (present == null) {
      throw new JcomposeException.Conflict("container " + id + " is not running");
    }
    return present;
  }

  public boolean isPaused() {
    return paused;
  }

  public boolean isRestarting() {
    return restarting;
  }

  /** True when the end of the present or last run was requested. */
  public boolean isEndRequested() {
    return endRequested;
  }

  public void update(ContainerRecord next) {
    record = next;
    view = compose();
  }

  public void update(RunRecord next) {
    update(record.withRun(next));
  }

  public void started(RunRecord next, Run begun, HealthStatus first) {
    record = record.withRun(next);
    run = begun;
    paused = false;
    restarting = false;
    endRequested = false;
    restartAfterEnd = false;
    health = first;
    probes = ProbeLog.EMPTY;
    view = compose();
  }

  /**
   * @param again whether it is to be started again, so that nobody finds it exited meanwhile
   */
  public void ended(RunRecord next, boolean again) {
    record = record.withRun(next);
    run = null;
    paused = false;
    restarting = again;
    health = HealthStatus.NONE;
    view = compose();
  }

  /**
   * @param again the end is wanted for the start that follows
   */
  public void requestEnd(boolean again) {
    endRequested = true;
    restartAfterEnd = again;
  }

  /** True when the end of the present or last run was asked for because of the next one. */
  public boolean isRestartedAfterEnd() {
    return restartAfterEnd;
  }

  /** The number of its last pause. */
  public int pauses() {
    return pauses;
  }

  public void paused(boolean now) {
    pauses = now ? pauses + 1 : pauses;
    paused = now;
    view = compose();
  }

  public void restarting(boolean now) {
    restarting = now;
    view = compose();
  }

  public void removing() {
    removing = true;
    view = compose();
  }

  public void health(HealthStatus now) {
    health = now;
    view = compose();
  }

  /** The last probes of the present or last run that this engine saw. */
  public ProbeLog probes() {
    return probes;
  }

  public void probes(ProbeLog now) {
    probes = now;
  }

  /** Ids of its execs; any thread may change it. */
  public Set<String> execs() {
    return execs;
  }

  private ContainerView compose() {
    ContainerRecord r = record;
    RunRecord last = r.run();
    Run present = run;
    return new ContainerView(
        id,
        r.spec(),
        r.imageId(),
        state(r, present),
        present == null ? 0 : present.task().pid(),
        last.exitCode(),
        last.oomKilled(),
        last.error(),
        r.createdAt(),
        last.startedAt(),
        last.finishedAt(),
        last.restartCount(),
        last.manuallyStopped(),
        health,
        present == null || present.sandbox() == null
            ? idleEndpoints(r)
            : present.sandbox().endpoints(),
        present == null || present.sandbox() == null ? List.of() : present.sandbox().ports(),
        r.command(),
        r.anonymousVolumesByTarget(),
        last.restartPause());
  }

  private State state(ContainerRecord r, @Nullable Run present) {
    if (removing) {
      return State.REMOVING;
    }
    if (present != null) {
      return paused ? State.PAUSED : State.RUNNING;
    }
    if (restarting) {
      return State.RESTARTING;
    }
    return r.startedAt() == null ? State.CREATED : State.EXITED;
  }

  private static List<ContainerView.EndpointView> idleEndpoints(ContainerRecord r) {
    return r.spec().networking().endpoints().stream()
        .map(e -> new ContainerView.EndpointView(e.network(), "", "", "", "", "", e.aliases()))
        .toList();
  }

  /**
   * One run of a container's process.
   *
   * @param sandbox null for the host's network or another container's
   * @param end completes with the exit code after the end is recorded
   * @param bornNanos when it began, as System.nanoTime() counts
   */
  public record Run(
      Task task, @Nullable Sandbox sandbox, CompletableFuture<Integer> end, long bornNanos) {
    public static Run of(
        Task task, @Nullable Sandbox sandbox, CompletableFuture<Integer> end, Duration age) {
      return new Run(task, sandbox, end, System.nanoTime() - age.toNanos());
    }

    public Duration age() {
      return Duration.ofNanos(System.nanoTime() - bornNanos);
    }

    /** Waits for the recorded end; true when it came in time. Null waits for ever. */
    public boolean awaitEnd(@Nullable Duration limit) {
      try {
        if (limit == null) {
          end.get();
        } else {
          end.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        }
        return true;
      } catch (TimeoutException e) {
        return false;
      } catch (ExecutionException e) {
        throw new IllegalStateException("the end of " + task.id() + " was lost", e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new JcomposeException.Cancelled("interrupted while waiting for " + task.id());
      }
    }
  }
}
