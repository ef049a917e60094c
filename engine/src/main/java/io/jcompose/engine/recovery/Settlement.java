package io.jcompose.engine.recovery;

import io.jcompose.core.ContainerView.EndpointView;
import io.jcompose.core.Containers;
import io.jcompose.core.Networking.EndpointSpec;
import io.jcompose.engine.EngineConfig;
import io.jcompose.engine.record.CommitHold;
import io.jcompose.engine.record.Container;
import io.jcompose.engine.record.Container.Run;
import io.jcompose.engine.record.ContainerRecord;
import io.jcompose.engine.record.ContainerStore;
import io.jcompose.engine.record.RunRecord;
import io.jcompose.engine.run.Runs;
import io.jcompose.network.NetworkStack;
import io.jcompose.network.Sandbox;
import io.jcompose.network.SandboxRecord;
import io.jcompose.runtime.HeldProcess;
import io.jcompose.runtime.Task;
import io.jcompose.runtime.TaskExit;
import io.jcompose.runtime.TaskRuntime;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What becomes of a container at an engine's start, by what its shim answers: it is taken over with
 * its network, counted as running while the shim is silent, or recorded as ended. Stateless.
 */
public record Settlement(
    EngineConfig config,
    ContainerStore store,
    TaskRuntime runtime,
    NetworkStack network,
    Runs runs,
    Containers containers,
    CommitHold hold) {
  private static final Logger LOG = LoggerFactory.getLogger(Settlement.class);
  private static final int UNKNOWN_EXIT = 255;

  /**
   * Makes the container as its shim says, in its turn.
   *
   * @param task null when there is no shim any more
   */
  void settle(Container container, @Nullable Task task) {
    runs.inTurn(
        container,
        () -> {
          Run present = container.run();
          if (task != null) {
            running(container, task, present);
          } else if (present != null) {
            lostLate(container);
          } else if (container.record().run().isOpen()) {
            lost(container);
          }
        });
  }

  private void running(Container container, Task task, @Nullable Run silent) {
    ContainerRecord record = container.record();
    Sandbox held = silent == null ? null : silent.sandbox();
    Sandbox sandbox = held == null ? adoptNetwork(record, task) : held;
    runs.adopted(container, task, sandbox, silent);
    if (sandbox != null) {
      Leftovers.attempt(
          "take " + container.id() + " off networks", () -> leaveOthers(container, sandbox));
    }
    Leftovers.attempt("let " + container.id() + " go on", () -> letGoOn(container));
    if (silent != null) {
      LOG.info("the shim of container {} answers again", record.spec().name());
    }
  }

  /**
   * An engine that died while it connected or disconnected the container left it on a network that
   * its specification has not.
   */
  private void leaveOthers(Container container, Sandbox sandbox) {
    for (EndpointView each : sandbox.endpoints()) {
      boolean wanted =
          container.record().spec().networking().endpoints().stream()
              .map(EndpointSpec::network)
              .anyMatch(
                  network ->
                      network.equals(each.networkName()) || network.equals(each.networkId()));
      if (!wanted) {
        LOG.info(
            "container {} leaves network {}, which it was to be on no more",
            container.record().spec().name(),
            each.networkName());
        sandbox.leave(
            each.networkId(),
            network -> {
              container.update(container.record().run().withSandbox(network));
              store.saveRun(container.record());
            });
        container.update(container.record().run().withSandbox(sandbox.record()));
      }
    }
  }

  private void letGoOn(Container container) {
    if (hold.take(container.id()) && container.isPaused()) {
      containers.unpause(container.id());
    }
  }

  /** Its shim ended while no engine ran. */
  private void lost(Container container) {
    ContainerRecord record = container.record();
    Path bundle = config.container(container.id());
    Optional<TaskExit> end = runtime.exitOf(bundle);
    hold.forget(container.id());
    container.update(ended(record, end));
    Leftovers.attempt(
        "write how " + record.id() + " ended", () -> store.saveRun(container.record()));
    if (end.isEmpty()) {
      Leftovers.attempt(
          "record the end of " + record.id(),
          () -> runtime.recordLost(record.id(), bundle, record.startedAt()));
    }
  }

  /** Its shim ended after it had been silent: those that wait for the end are notified. */
  private void lostLate(Container container) {
    ContainerRecord record = container.record();
    Path bundle = config.container(container.id());
    runtime.discard(container.id(), cgroupParent(container));
    Optional<TaskExit> end = runtime.exitOf(bundle);
    if (end.isEmpty()) {
      Leftovers.attempt(
          "record the end of " + record.id(),
          () -> runtime.recordLost(record.id(), bundle, record.startedAt()));
    }
    Instant began = record.startedAt() == null ? record.createdAt() : record.startedAt();
    TaskExit lost = new TaskExit(UNKNOWN_EXIT, 0, false, 0, 0, true, began, Instant.now());
    runs.ended(container, end.orElse(lost));
  }

  /** Counts as running one whose shim does not answer. */
  void silent(Container container) {
    LOG.error(
        "the shim of container {} does not answer: it is stopped, or its disk hangs; the container"
            + " counts as running, and is taken over when it answers",
        container.record().spec().name());
    runs.inTurn(
        container,
        () -> {
          ContainerRecord record = container.record();
          runs.silent(container, processOf(container), task -> adoptNetwork(record, task));
        });
  }

  private long processOf(Container container) {
    try {
      List<Long> all = runtime.processesOf(container.id(), cgroupParent(container));
      return all.isEmpty() ? 0 : all.getFirst();
    } catch (RuntimeException e) {
      LOG.warn("cannot list the processes of container {}", container.id(), e);
      return 0;
    }
  }

  /** Null for the host's network, and for a process that ends this very moment. */
  private @Nullable Sandbox adoptNetwork(ContainerRecord record, Task task) {
    SandboxRecord sandbox = record.run().sandbox();
    HeldProcess process = sandbox == null ? null : task.process().orElse(null);
    if (sandbox == null || process == null) {
      return null;
    }
    try (process) {
      return adopt(sandbox, process);
    }
  }

  private @Nullable Sandbox adopt(SandboxRecord sandbox, HeldProcess process) {
    try {
      return network.adopt(sandbox, process.namespace("net"));
    } catch (RuntimeException e) {
      if (process.isAlive()) {
        LOG.error("container {} runs on without its network", sandbox.containerId(), e);
      }
      return null;
    }
  }

  private static String cgroupParent(Container container) {
    return container.record().spec().security().cgroupParent();
  }

  /**
   * What became of a run of which only the start is written: its end as the shim recorded it; the
   * run before it when the shim never came to take that one's record away; or nobody knows. The
   * engine's own start of a run stays, for commands distinguish runs by it.
   */
  static RunRecord ended(ContainerRecord record, Optional<TaskExit> exit) {
    RunRecord run = record.run();
    if (exit.isEmpty()) {
      LOG.warn("container {}: {}", record.spec().name(), RunRecord.LOST);
      return run.ended(run.startedAt(), UNKNOWN_EXIT, false, RunRecord.LOST, Instant.now());
    }
    TaskExit end = exit.get();
    Instant begun = run.startedAt();
    boolean former = begun == null || end.startedAt().isBefore(begun);
    return run.ended(
        former ? end.startedAt() : begun,
        end.code(),
        end.oomKilled(),
        Runs.why(record, end),
        end.at());
  }
}
