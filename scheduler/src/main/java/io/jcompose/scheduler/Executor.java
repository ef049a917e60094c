package io.jcompose.scheduler;

import io.jcompose.core.JcomposeException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * Carries a plan out: each step runs on a virtual thread of its own as soon as those before it have
 * succeeded. A failure stops what comes after it; everything else is finished.
 */
final class Executor {
  private final Plan plan;
  private final Consumer<Operation> work;
  private final List<List<Integer>> next = new ArrayList<>();
  private final AtomicInteger[] open;
  private final boolean[] blocked;
  private final CountDownLatch left;
  private final List<RuntimeException> errors = new ArrayList<>(); // guarded by itself

  private Executor(Plan plan, Consumer<Operation> work) {
    this.plan = plan;
    this.work = work;
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
   * @throws RuntimeException the errors of all steps that failed
   */
  static void run(Plan plan, Consumer<Operation> work) {
    if (!plan.isEmpty()) {
      new Executor(plan, work).run();
    }
  }

  private void run() {
    for (int i = 0; i < open.length; i++) {
      if (plan.steps().get(i).after().isEmpty()) {
        launch(i);
      }
    }
    try {
      left.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new JcomposeException.Cancelled("interrupted; what was begun goes on");
    }
    synchronized (errors) {
      if (!errors.isEmpty()) {
        throw Failures.combine(errors);
      }
    }
  }

  private void launch(int index) {
    if (plan.steps().get(index).operation() instanceof Operation.KeepContainer) {
      chain(index);
    } else {
      Thread.ofVirtual().name("step-" + (index + 1)).start(() -> chain(index));
    }
  }

  /** Does a step, and on the same thread the last of those that it made ready. */
  private void chain(int first) {
    int index = first;
    while (index >= 0) {
      boolean done = attempt(index);
      int follower = -1;
      for (int candidate : next.get(index)) {
        if (!done && !isTolerant(candidate)) {
          block(candidate);
        }
        if (open[candidate].decrementAndGet() == 0) {
          if (follower >= 0) {
            launch(follower);
          }
          follower = candidate;
        }
      }
      left.countDown();
      index = follower;
    }
  }

  private boolean attempt(int index) {
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
