package io.jcompose.engine.run;

import io.jcompose.core.ContainerSpec;
import io.jcompose.core.ContainerView.HealthStatus;
import io.jcompose.core.EngineEvent;
import io.jcompose.core.JcomposeException;
import io.jcompose.engine.event.EventHub;
import io.jcompose.engine.health.HealthMonitor;
import io.jcompose.engine.launch.Launching;
import io.jcompose.engine.log.ContainerLogs;
import io.jcompose.engine.record.Container;
import io.jcompose.engine.record.Container.Run;
import io.jcompose.engine.record.ContainerRecord;
import io.jcompose.engine.record.ContainerStore;
import io.jcompose.engine.record.RunRecord;
import io.jcompose.linux.KernelLog;
import io.jcompose.network.Sandbox;
import io.jcompose.runtime.Task;
import io.jcompose.runtime.TaskExit;
import io.jcompose.runtime.TaskListener;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The runs of containers: how each begins, ends, and is taken over from an engine before this one.
 * Transitions of one container take turns by its id; waiting for a process to end happens outside
 * that turn, because recording the end needs it.
 */
public final class Runs {
  private static final Logger LOG = LoggerFactory.getLogger(Runs.class);

  private static final Duration KILL_LIMIT = Duration.ofSeconds(10);
  private static final Duration RECORD_LIMIT = Duration.ofSeconds(60);
  private static final int START_FAILED = 128;

  private final ContainerStore store;
  private final Launching launching;
  private final Function<ContainerRecord, ContainerSpec.@Nullable Health> healthCheck;
  private final ContainerSessions sessions;
  private final ContainerLogs logs;
  private final EventHub events;
  private final HealthMonitor health;
  private final Consumer<String> removal;

  /**
   * @param healthCheck what to probe of a container, or null
   * @param removal removes an ended container that is to go with its end
   */
  public Runs(
      ContainerStore store,
      Launching launching,
      Function<ContainerRecord, ContainerSpec.@Nullable Health> healthCheck,
      ContainerSessions sessions,
      ContainerLogs logs,
      EventHub events,
      HealthMonitor health,
      Consumer<String> removal) {
    this.store = store;
    this.launching = launching;
    this.healthCheck = healthCheck;
    this.sessions = sessions;
    this.logs = logs;
    this.events = events;
    this.health = health;
    this.removal = removal;
  }

  /**
   * Records the end of a task; called once by the runtime, and by the adoption for ends that this
   * engine did not see.
   */
  public void ended(Container container, TaskExit exit) {
    boolean again = sessions.locks().locked(container.id(), () -> recordEnd(container, exit));
    sessions.followers().wake();
    tidy("log", container, () -> logs.pack(container, null));
    if (container.record().spec().lifecycle().autoRemove() && !again) {
      tidy("removal", container, () -> removal.accept(container.id()));
    }
  }

  /** In its turn; true when it is started again. */
  private boolean recordEnd(Container container, TaskExit exit) {
    Run run = container.run();
    health.stop(container.id());
    if (run != null && run.sandbox() != null) {
      tidy("network", container, run.sandbox()::close);
    }
    tidy("files", container, () -> launching.removeFiles(container.id()));
    tidy("volumes", container, () -> launching.releaseVolumes(container.record()));
    String why = why(container.record(), exit);
    RunRecord last = container.record().run();
    boolean again = isStartedAgain(container, exit);
    container.ended(
        last.ended(last.startedAt(), exit.code(), exit.oomKilled(), why, exit.at()), again);
    tidy("record", container, () -> store.saveRun(container.record()));
    // In the container's turn, so that no listener hears of a start after its end, and before those
    // that wait for the end go on, so that events of what follows come after it.
    tidy("event", container, () -> events.publish(exited(container, run, exit)));
    if (run != null) {
      run.end().complete(exit.code());
    }
    return again;
  }

  /**
   * Whether its next start is to come. The scheduler decides when, or that it does not; until it
   * has said so no caller may take the container for one that has ended.
   */
  private static boolean isStartedAgain(Container container, TaskExit exit) {
    ContainerSpec.Lifecycle lifecycle = container.record().spec().lifecycle();
    RunRecord last = container.record().run();
    if (container.isEndRequested()) {
      return container.isRestartedAfterEnd();
    }
    return !lifecycle.autoRemove()
        && lifecycle.restart().wants(exit.code(), last.manuallyStopped(), last.restartCount());
  }

  /** Hears for a container what becomes of its task. */
  public TaskListener listener(Container container) {
    return new TaskListener() {
      @Override
      public void exited(Task task, TaskExit exit) {
        ended(container, exit);
      }

      @Override
      public void logRotated(Task task) {
        logs.pack(container, task);
      }
    };
  }

  /** What is known of an end in want of memory, or of the shim; empty for others. */
  public static String why(ContainerRecord record, TaskExit exit) {
    if (!exit.oomKilled() && !exit.lost()) {
      return "";
    }
    String why =
        exit.lost() ? RunRecord.LOST : OutOfMemory.describe(record.id(), exit, KernelLog.lines());
    LOG.warn("container {}: {}", record.spec().name(), why);
    return why;
  }

  private static EngineEvent exited(Container container, @Nullable Run run, TaskExit exit) {
    ContainerSpec spec = container.record().spec();
    return new EngineEvent.ContainerExited(
        container.id(),
        spec.name(),
        spec.labels(),
        exit.code(),
        exit.oomKilled(),
        container.isEndRequested(),
        run == null ? Duration.ZERO : run.age(),
        exit.at());
  }

  /**
   * An end is an end: what cannot be tidied up or written is left to the next start of the engine.
   */
  private static void tidy(String what, Container container, Runnable work) {
    try {
      work.run();
    } catch (RuntimeException e) {
      LOG.warn("{} of container {} is left as it was", what, container.id(), e);
    }
  }

  /**
   * Does the work in the container's turn: an end that the runtime reports meanwhile is recorded
   * after it.
   */
  public void inTurn(Container container, Runnable work) {
    sessions.locks().run(container.id(), work);
  }

  /**
   * Takes over a task that runs since before this engine's start.
   *
   * @param silent the run that stood for it until now, or null
   */
  public void adopted(
      Container container, Task task, @Nullable Sandbox sandbox, @Nullable Run silent) {
    boolean ends = silent != null && container.isEndRequested();
    boolean again = container.isRestartedAfterEnd();
    CompletableFuture<Integer> end = silent == null ? new CompletableFuture<>() : silent.end();
    Run run = Run.of(task, sandbox, end, ProcessAge.of(task.pid()));
    container.started(container.record().run().remarked(""), run, HealthStatus.NONE);
    if (ends) {
      container.requestEnd(again);
    }
    container.paused(task.isPaused());
    // It runs, whatever fails from here on: what is not taken over would be ended.
    tidy("health", container, () -> watch(container, run.age()));
    if (container.isPaused()) {
      health.pause(container.id());
    }
  }

  /**
   * Counts a container as running whose shim does not answer.
   *
   * @param pid of one of its processes, or 0
   * @param network gives the task's
   */
  public void silent(Container container, long pid, Function<Task, @Nullable Sandbox> network) {
    ContainerRecord record = container.record();
    Task task = new SilentTask(container.id(), record.spec().name(), pid);
    container.started(
        record.run().remarked(SilentTask.WHY),
        Run.of(task, network.apply(task), new CompletableFuture<>(), ProcessAge.of(pid)),
        HealthStatus.NONE);
  }

  /** The present run, as the health monitor knows it. */
  HealthMonitor.Probed probed(Container container) {
    return new ProbedRun(container, container.running(), sessions, events);
  }

  /** Does nothing when it runs; {@code again} after an end nobody asked for. */
  void start(String ref, boolean again) {
    Container container = store.get(ref);
    sessions
        .locks()
        .run(
            container.id(),
            () -> {
              boolean gone = store.find(container.id()).isEmpty();
              if (gone && !again) {
                throw new JcomposeException.NotFound("No such container: " + ref);
              }
              if (gone || container.run() != null || (again && !container.isRestarting())) {
                return;
              }
              launch(container, again);
              ContainerSpec spec = container.record().spec();
              events.publish(
                  new EngineEvent.ContainerStarted(
                      container.id(), spec.name(), spec.labels(), Instant.now()));
            });
  }

  private void launch(Container container, boolean again) {
    AtomicReference<RunRecord> running = new AtomicReference<>(container.record().run());
    PendingAttaches.Waiting waiting = sessions.pendingAttaches().take(container.id());
    Launching.Launched launched;
    try {
      launched =
          launching.start(
              container.record(),
              listener(container),
              sandbox -> running.set(begun(container.record(), sandbox, again)),
              waiting.size());
    } catch (RuntimeException e) {
      waiting.fail(e);
      failed(container, e);
      throw e;
    }
    Run run = Run.of(launched.task(), launched.sandbox(), new CompletableFuture<>(), Duration.ZERO);
    container.started(running.get(), run, HealthStatus.NONE);
    // It runs: what fails from here on is no failed start.
    waiting.connect(launched.task());
    tidy("log", container, () -> logs.forward(container));
    tidy("health", container, () -> watch(container, Duration.ZERO));
  }

  /** Writes that a run begins, before there is a process. */
  private RunRecord begun(ContainerRecord record, @Nullable Sandbox sandbox, boolean again) {
    RunRecord next =
        record
            .run()
            .started(
                Instant.now(),
                sandbox == null ? null : sandbox.record(),
                again ? record.run().restartCount() + 1 : 0);
    store.saveRun(record.withRun(next));
    return next;
  }

  private void failed(Container container, RuntimeException why) {
    int code = why instanceof JcomposeException.CommandFailed f ? f.exitCode() : START_FAILED;
    RunRecord before = container.record().run();
    container.update(before.failedToStart(code, String.valueOf(why.getMessage())));
    tidy("record", container, () -> store.saveRun(container.record()));
  }

  /** Begins to probe the present run where its health is to be known. */
  private void watch(Container container, Duration age) {
    ContainerSpec.Health check = healthCheck.apply(container.record());
    if (check != null) {
      container.health(HealthStatus.STARTING);
      health.watch(container.id(), check, age, probed(container));
    }
  }

  /**
   * Marks that the end is wanted, on disk when a person wants it, which the record of the end makes
   * durable; returns the present run or null.
   */
  @Nullable Run requestEnd(Container container, boolean manual) {
    return requestEnd(container, manual, false);
  }

  /**
   * @param again what ends is to be started again
   */
  @Nullable Run requestEnd(Container container, boolean manual, boolean again) {
    return sessions
        .locks()
        .<@Nullable Run>locked(
            container.id(),
            () -> {
              if (store.find(container.id()).isEmpty()) {
                return null; // a record written now would bring it back
              }
              container.requestEnd(again);
              container.restarting(again && container.isRestarting());
              if (manual && !container.record().run().manuallyStopped()) {
                container.update(container.record().run().stoppedByHand());
                // A full disk must not keep anybody from stopping what fills it.
                tidy("record", container, () -> store.saveRun(container.record()));
              }
              return container.run();
            });
  }

  void killAndAwait(Container container, Run run) {
    run.task().killAll();
    if (run.awaitEnd(KILL_LIMIT) || (run.task().endTraced() && run.awaitEnd(KILL_LIMIT))) {
      return;
    }
    boolean dead = ProcessHandle.of(run.task().pid()).isEmpty();
    // An end is reported when the disk has its record, and a busy disk may take its time for that.
    if (dead && run.awaitEnd(RECORD_LIMIT)) {
      return;
    }
    throw new JcomposeException.Timeout(
        "container "
            + container.record().spec().name()
            + (dead
                ? " has ended, but the disk did not take the record of that within "
                    + RECORD_LIMIT.toSeconds()
                    + " s"
                : " did not end within "
                    + KILL_LIMIT.toSeconds()
                    + " s of SIGKILL; "
                    + StuckProcess.why(run.task().pid())));
  }
}
