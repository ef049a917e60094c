package io.jcompose.engine.recovery;

import io.jcompose.core.JcomposeException;
import io.jcompose.engine.EngineConfig;
import io.jcompose.engine.log.ContainerLogs;
import io.jcompose.engine.record.Container;
import io.jcompose.engine.record.RunRecord;
import io.jcompose.engine.run.Runs;
import io.jcompose.runtime.Task;
import io.jcompose.runtime.TaskExit;
import io.jcompose.runtime.TaskListener;
import io.jcompose.runtime.TaskRuntime;
import java.time.Duration;
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
public final class Adoption implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Adoption.class);

  /** The rest is silent when nobody has answered for so long. */
  private static final Duration LIMIT = Duration.ofSeconds(2);

  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);

  private final EngineConfig config;
  private final TaskRuntime runtime;
  private final Runs runs;
  private final ContainerLogs logs;
  private final Settlement settlement;
  private final Map<String, Thread> asking = new ConcurrentHashMap<>();
  private final BlockingQueue<Answer> answers = new LinkedBlockingQueue<>();
  private @Nullable Thread late; // set once, before the engine is given out
  private volatile boolean closed;

  public Adoption(
      EngineConfig config,
      TaskRuntime runtime,
      Runs runs,
      ContainerLogs logs,
      Settlement settlement) {
    this.config = config;
    this.runtime = runtime;
    this.runs = runs;
    this.logs = logs;
    this.settlement = settlement;
  }

  /** Returns when each container is as it is, or its shim silent. */
  void adopt(List<Container> all) {
    all.forEach(this::begin);
    try {
      settleWhatAnswers();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (!asking.isEmpty()) {
      all.stream()
          .filter(c -> asking.containsKey(c.id()))
          .forEach(
              c ->
                  Leftovers.attempt("count " + c.id() + " as running", () -> settlement.silent(c)));
      late = Thread.ofVirtual().name("late-adoption").start(this::adoptLate);
    }
  }

  /** Asks the shim of a container that may run; settles any other one at once. */
  private void begin(Container container) {
    RunRecord run = container.record().run();
    boolean ends = run.isLost() || container.record().isOfABuild();
    if (ends) {
      // Nobody knows what network it is on, or who waits for it: it cannot be taken over.
      Leftovers.attempt(
          "end what is left of " + container.id(),
          () -> runtime.discard(container.id(), cgroupParent(container)));
    }
    if (run.isOpen() && !ends) {
      ask(container);
    } else {
      settle(new Answer(container, Optional.empty(), new CountDownLatch(0)));
    }
  }

  private void settleWhatAnswers() throws InterruptedException {
    while (!asking.isEmpty()) {
      Answer answer = answers.poll(LIMIT.toNanos(), TimeUnit.NANOSECONDS);
      if (answer == null) {
        return;
      }
      settle(answer);
      asking.remove(answer.container.id());
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
   * left as it is, logged, and asked for again.
   */
  private Optional<Task> answer(Container container, CountDownLatch settled)
      throws InterruptedException {
    TaskListener listener = afterSettling(runs.listener(container), settled);
    Duration pause = Duration.ofSeconds(1);
    boolean logged = false;
    while (!closed) {
      try {
        return runtime.adopt(
            container.id(), config.container(container.id()), cgroupParent(container), listener);
      } catch (JcomposeException.Timeout e) {
        LOG.debug("asking again: {}", e.getMessage());
      } catch (RuntimeException e) {
        if (!logged && !closed) {
          LOG.error("failed to take over container {}; it is tried again", container.id(), e);
        }
        logged = true;
      }
      Thread.sleep(pause);
      Duration next = pause.multipliedBy(2);
      pause = next.compareTo(LONGEST_PAUSE) < 0 ? next : LONGEST_PAUSE;
    }
    throw new InterruptedException("closed");
  }

  /** Keeps an end back that is reported before the task is known here. */
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
    try {
      settlement.settle(answer.container, answer.task.orElse(null));
    } catch (RuntimeException e) {
      LOG.error("failed to take over container {}", answer.container.id(), e);
    } finally {
      answer.settled.countDown();
    }
    Leftovers.attempt(
        "go on with the log of " + answer.container.id(),
        () -> logs.resume(answer.container, answer.task.orElse(null)));
  }

  private static String cgroupParent(Container container) {
    return container.record().spec().security().cgroupParent();
  }

  /**
   * What a shim says.
   *
   * @param task empty when there is no shim any more
   * @param settled opens when the container is as the answer says
   */
  private record Answer(Container container, Optional<Task> task, CountDownLatch settled) {}
}
