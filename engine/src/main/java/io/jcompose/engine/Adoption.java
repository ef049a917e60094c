package io.jcompose.engine;

import io.jcompose.core.JcomposeException;
import io.jcompose.engine.Container.Run;
import io.jcompose.network.NetworkStack;
import io.jcompose.network.Sandbox;
import io.jcompose.network.SandboxRecord;
import io.jcompose.runtime.Task;
import io.jcompose.runtime.TaskExit;
import io.jcompose.runtime.TaskListener;
import io.jcompose.runtime.TaskRuntime;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes over, once at an engine's start, what an engine before it left of containers. All shims are
 * asked at once. One that is silent (stopped, or its disk hangs) does not keep the others from
 * coming back: its container counts as running, nothing can be done with it, and it is taken over
 * when the shim answers. Answers are settled by one thread at a time.
 */
final class Adoption implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Adoption.class);
  private static final int UNKNOWN_EXIT = 255;

  /** The rest is silent when nobody has answered for so long. */
  private static final Duration LIMIT = Duration.ofSeconds(2);

  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);

  private final EngineConfig config;
  private final ContainerStore store;
  private final TaskRuntime runtime;
  private final NetworkStack network;
  private final EngineContainers containers;
  private final Map<String, Thread> asking = new ConcurrentHashMap<>();
  private final BlockingQueue<Answer> answers = new LinkedBlockingQueue<>();
  private @Nullable Thread late; // set once, before the engine is given out
  private volatile boolean closed;

  Adoption(
      EngineConfig config,
      ContainerStore store,
      TaskRuntime runtime,
      NetworkStack network,
      EngineContainers containers) {
    this.config = config;
    this.store = store;
    this.runtime = runtime;
    this.network = network;
    this.containers = containers;
  }

  /** Returns when each container is as it is, or its shim silent. */
  void adopt(List<Container> all) {
    for (Container container : all) {
      RunRecord run = container.record().run();
      if (run.isLost()) {
        // Nobody knows what network it is on: a process of it cannot be taken over.
        attempt(
            "end what is left of " + container.id(),
            () -> runtime.discard(container.id(), cgroupParent(container)));
      }
      if (run.isOpen() && !run.isLost()) {
        ask(container);
      } else {
        settle(new Answer(container, Optional.empty(), new CountDownLatch(0)));
      }
    }
    try {
      while (!asking.isEmpty()) {
        Answer answer = answers.poll(LIMIT.toNanos(), TimeUnit.NANOSECONDS);
        if (answer == null) {
          break;
        }
        settle(answer);
        asking.remove(answer.container.id());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (!asking.isEmpty()) {
      all.stream()
          .filter(c -> asking.containsKey(c.id()))
          .forEach(c -> attempt("count " + c.id() + " as running", () -> silent(c)));
      late = Thread.ofVirtual().name("late-adoption").start(this::adoptLate);
    }
  }

  /** Gives up on those that are still silent: the next engine asks again. */
  @Override
  public void close() {
    closed = true;
    asking.values().forEach(Thread::interrupt);
    if (late != null) {
      late.interrupt();
    }
  }

  private void ask(Container container) {
    CountDownLatch settled = new CountDownLatch(1);
    Runnable work =
        () -> {
          try {
            answers.add(new Answer(container, answer(container, settled), settled));
          } catch (InterruptedException e) {
            LOG.debug("{} is left to the next engine", container.id());
          }
        };
    asking.put(container.id(), Thread.ofVirtual().name("adopt").unstarted(work));
    asking.get(container.id()).start();
  }

  /**
   * What its shim says, however long that takes. A failure to ask proves nothing: the container is
   * left as it is, told, and asked for again.
   */
  private Optional<Task> answer(Container container, CountDownLatch settled)
      throws InterruptedException {
    TaskListener listener = afterSettling(containers.runs().listener(container), settled);
    Duration pause = Duration.ofSeconds(1);
    boolean told = false;
    while (!closed) {
      try {
        return runtime.adopt(
            container.id(), config.container(container.id()), cgroupParent(container), listener);
      } catch (JcomposeException.Timeout e) {
        LOG.debug("asking again: {}", e.getMessage());
      } catch (RuntimeException e) {
        if (!told && !closed) {
          LOG.error("failed to take over container {}; it is tried again", container.id(), e);
        }
        told = true;
      }
      Thread.sleep(pause);
      Duration next = pause.multipliedBy(2);
      pause = next.compareTo(LONGEST_PAUSE) < 0 ? next : LONGEST_PAUSE;
    }
    throw new InterruptedException("closed");
  }

  /** Keeps an end back that is told before the task is known here. */
  private static TaskListener afterSettling(TaskListener listener, CountDownLatch settled) {
    return new TaskListener() {
      @Override
      public void exited(Task task, TaskExit exit) {
        try {
          settled.await();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
        listener.exited(task, exit);
      }

      @Override
      public void logRotated(Task task) {
        listener.logRotated(task);
      }
    };
  }

  private void adoptLate() {
    try {
      while (!asking.isEmpty()) {
        Answer answer = answers.take();
        if (!closed) {
          settle(answer);
          asking.remove(answer.container.id());
        }
      }
    } catch (InterruptedException e) {
      LOG.debug("{} are left to the next engine", asking.keySet());
    }
  }

  private void settle(Answer answer) {
    Container container = answer.container;
    try {
      containers
          .runs()
          .inTurn(
              container,
              () -> {
                Run present = container.run();
                if (answer.task.isPresent()) {
                  running(container, answer.task.get(), present);
                } else if (present != null) {
                  lostLate(container);
                } else if (container.record().run().isOpen()) {
                  lost(container);
                }
              });
    } catch (RuntimeException e) {
      LOG.error("failed to take over container {}", container.id(), e);
    } finally {
      answer.settled.countDown();
    }
    attempt(
        "go on with the log of " + container.id(),
        () -> containers.logs().resume(container, answer.task.orElse(null)));
  }

  private void running(Container container, Task task, @Nullable Run silent) {
    ContainerRecord record = container.record();
    Sandbox held = silent == null ? null : silent.sandbox();
    Sandbox sandbox = held == null ? adoptNetwork(record, task.pid()) : held;
    containers.runs().adopted(container, task, sandbox, silent);
    attempt("let " + container.id() + " go on", () -> letGoOn(container));
    if (silent != null) {
      LOG.info("the shim of container {} answers again", record.spec().name());
    }
  }

  private void letGoOn(Container container) {
    if (ContainerCommits.takeHeld(config, container.id()) && container.isPaused()) {
      containers.unpause(container.id());
    }
  }

  /** Its shim ended while no engine ran. */
  private void lost(Container container) {
    ContainerRecord record = container.record();
    Path bundle = config.container(container.id());
    Optional<TaskExit> end = runtime.exitOf(bundle);
    attempt(
        "forget a commit's pause of " + container.id(),
        () -> ContainerCommits.takeHeld(config, container.id()));
    container.update(ended(record, end));
    attempt("write how " + record.id() + " ended", () -> store.saveRun(container.record()));
    if (end.isEmpty()) {
      attempt(
          "record the end of " + record.id(),
          () -> runtime.recordLost(record.id(), bundle, record.startedAt()));
    }
  }

  /** Its shim ended after it had been silent: whoever waits for the end hears of it. */
  private void lostLate(Container container) {
    ContainerRecord record = container.record();
    Path bundle = config.container(container.id());
    runtime.discard(container.id(), cgroupParent(container));
    Optional<TaskExit> end = runtime.exitOf(bundle);
    if (end.isEmpty()) {
      attempt(
          "record the end of " + record.id(),
          () -> runtime.recordLost(record.id(), bundle, record.startedAt()));
    }
    Instant began = record.startedAt() == null ? record.createdAt() : record.startedAt();
    TaskExit lost = new TaskExit(UNKNOWN_EXIT, 0, false, 0, 0, true, began, Instant.now());
    containers.runs().ended(container, end.orElse(lost));
  }

  private void silent(Container container) {
    LOG.error(
        "the shim of container {} does not answer: it is stopped, or its disk hangs; the container"
            + " counts as running, and is taken over when it answers",
        container.record().spec().name());
    containers
        .runs()
        .inTurn(
            container,
            () -> {
              long pid = processOf(container);
              Sandbox sandbox = pid == 0 ? null : adoptNetwork(container.record(), pid);
              containers.runs().silent(container, pid, sandbox);
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
  private @Nullable Sandbox adoptNetwork(ContainerRecord record, long pid) {
    SandboxRecord sandbox = record.run().sandbox();
    if (sandbox == null) {
      return null;
    }
    try {
      return network.adopt(sandbox, pid);
    } catch (RuntimeException e) {
      if (ProcessHandle.of(pid).isPresent()) {
        LOG.error("container {} runs on without its network", record.id(), e);
      }
      return null;
    }
  }

  private static String cgroupParent(Container container) {
    return container.record().spec().security().cgroupParent();
  }

  /** What one container left must not keep the others from coming back. */
  static void attempt(String what, Runnable work) {
    try {
      work.run();
    } catch (RuntimeException e) {
      LOG.error("failed to {}; the next start tries again", what, e);
    }
  }

  /**
   * What became of a run of which only the start is written: its end as the shim recorded it; the
   * run before it when the shim never came to take that one's record away; or nobody knows. The
   * engine's own start of a run stays, for commands tell runs apart by it.
   */
  static RunRecord ended(ContainerRecord record, Optional<TaskExit> exit) {
    RunRecord run = record.run();
    if (exit.isEmpty()) {
      LOG.warn("container {}: {}", record.spec().name(), Runs.LOST);
      return run.ended(run.startedAt(), UNKNOWN_EXIT, false, Runs.LOST, Instant.now());
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

  /**
   * What a shim says.
   *
   * @param task empty when there is no shim any more
   * @param settled opens when the container is as the answer says
   */
  private record Answer(Container container, Optional<Task> task, CountDownLatch settled) {}
}
