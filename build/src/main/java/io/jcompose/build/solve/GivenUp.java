package io.jcompose.build.solve;

import io.jcompose.core.JcomposeException;
import java.util.HashSet;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Whether a call of builds is given up; wakes those that wait for something then. Thread-safe. */
final class GivenUp implements BooleanSupplier {
  private final Set<Thread> waiting = new HashSet<>(); // guarded by this
  private boolean now; // guarded by this

  @Override
  public synchronized boolean getAsBoolean() {
    return now;
  }

  /** Gives it up. */
  synchronized void now() {
    now = true;
    waiting.forEach(Thread::interrupt);
  }

  void requireWanted() {
    if (getAsBoolean()) {
      throw new JcomposeException.Cancelled("the build was given up");
    }
  }

  /**
   * Work of this thread that ends when it is interrupted, which it is once the call is given up.
   *
   * @throws JcomposeException.Cancelled when it is given up already
   */
  <T> T interruptibly(Supplier<T> work) {
    enter();
    try {
      return work.get();
    } finally {
      leave();
    }
  }

  private synchronized void enter() {
    requireWanted();
    waiting.add(Thread.currentThread());
  }

  /** The thread may be used for something else, which no interrupt is meant for. */
  private synchronized void leave() {
    waiting.remove(Thread.currentThread());
    if (now) {
      boolean _ = Thread.interrupted();
    }
  }
}
