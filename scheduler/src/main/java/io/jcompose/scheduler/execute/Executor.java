package io.jcompose.scheduler.execute;

import io.jcompose.core.JcomposeException;
import io.jcompose.scheduler.plan.Operation;
import io.jcompose.scheduler.plan.ProjectPlan;
import io.jcompose.scheduler.queue.Command;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * Carries a plan out: each step runs on a virtual thread of its own as soon as those before it have
 * succeeded. A failure stops what comes after it; everything else is finished.
 */
public final class Executor {
  private final ProjectPlan plan;
  private final Consumer<Operation> work;
  private final Command command;
  private final List<List<Integer>> next = new ArrayList<>();
  private final AtomicInteger[] open;
  private final boolean[] blocked;
  private final CountDownLatch left;
  private final List<RuntimeException> errors = new ArrayList<>(); // guarded by itself

  private Executor(ProjectPlan plan, Consumer<Operation> work, Command command) {
    this.plan = plan;
    this.work = work;
    this.command = command;
    this.open = new AtomicInteger[plan.steps().size()];
    this.blocked = new boolean[open.length];
    this.left = new CountDownLatch(open.length);
    for (int i = 0; i < open.length; i++) {
      open[i] = new AtomicInteger(plan.steps().get(i).after().size());
      next.add(new ArrayList<>());
      for (int before : plan.steps().get(i).after()) {
        next.get(before).add(i);
      }
    }
  }

  /**
   * Blocks until nothing more can be done.
   *
   * @param work does one operation; called from many threads
   * @param command hears which threads are at work for it; the caller is one of them
   * @throws RuntimeException the errors of all steps that failed
   */
  public static void run(ProjectPlan plan, Consumer<Operation> work, Command command) {
    if (!plan.isEmpty()) {
      new Executor(plan, work, command).run();
    }
  }

  /** As {@link #run(ProjectPlan, Consumer, Command)}, of what has no turn. */
  public static void run(ProjectPlan plan, Consumer<Operation> work) {
    run(plan, work, Command.free());
  }

  private void run() {
    Deque<Integer> ready = new ArrayDeque<>();
    for (int i = 0; i < open.length; i++) {
      if (plan.steps().get(i).after().isEmpty()) {
        ready.add(i);
      }
    }
    // Not even the last on this thread: what it waits for may be among those that follow.
    launch(ready);
    command.parted();
    try {
      left.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new JcomposeException.Cancelled("interrupted; what was begun goes on");
    } finally {
      command.joined();
    }
    synchronized (errors) {
      if (!errors.isEmpty()) {
        throw StepErrors.combine(errors);
      }
    }
  }

  /** Begins steps that are ready; those that take no time are done at once, and what follows. */
  private void launch(Deque<Integer> ready) {
    while (!ready.isEmpty()) {
      int index = ready.pop();
      if (plan.steps().get(index).operation() instanceof Operation.KeepContainer) {
        attempt(index).forEach(ready::push);
      } else {
        command.joined();
        Thread.ofVirtual().name("step-" + (index + 1)).start(() -> chain(index));
      }
    }
  }

  /** Does a step, and on the same thread one of those that it made ready. */
  private void chain(int first) {
    Deque<Integer> ready = new ArrayDeque<>(List.of(first));
    while (!ready.isEmpty()) {
      List<Integer> next = attempt(ready.pop());
      ready.addAll(next.subList(0, Math.min(1, next.size())));
      launch(new ArrayDeque<>(next.subList(ready.size(), next.size())));
    }
    command.parted();
  }

  /** Does a step; returns those that are ready by that. */
  private List<Integer> attempt(int index) {
    boolean done = succeeds(index);
    List<Integer> ready = new ArrayList<>();
    for (int candidate : next.get(index)) {
      if (!done && !isTolerant(candidate)) {
        block(candidate);
      }
      if (open[candidate].decrementAndGet() == 0) {
        ready.add(candidate);
      }
    }
    left.countDown();
    return ready;
  }

  private boolean succeeds(int index) {
    synchronized (blocked) {
      if (blocked[index]) {
        return false;
      }
    }
    try {
      work.accept(plan.steps().get(index).operation());
      return true;
    } catch (RuntimeException e) {
      synchronized (errors) {
        errors.add(e);
      }
      return false;
    } catch (Error e) {
      synchronized (errors) {
        errors.add(new JcomposeException.Internal("a step failed: " + e, e));
      }
      return false;
    }
  }

  private void block(int index) {
    synchronized (blocked) {
      blocked[index] = true;
    }
  }

  /** A wait that is not required looks for itself what became of what it waits for. */
  private boolean isTolerant(int index) {
    return plan.steps().get(index).operation() instanceof Operation.AwaitCondition await
        && !await.required();
  }
}
