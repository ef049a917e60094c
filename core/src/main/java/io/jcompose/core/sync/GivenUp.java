package io.jcompose.core.sync;

import io.jcompose.core.JcomposeException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Whether a piece of work is given up; wakes those that wait for something then. Thread-safe. */
public final class GivenUp implements BooleanSupplier {
  private final String what;
  private final List<Waiting> waiting = new ArrayList<>(); // guarded by this
  private boolean now; // guarded by this

  /** One that waits, told apart from others that are woken the same way. */
  private static final class Waiting {
    private final Runnable waker;

    Waiting(Runnable waker) {
      this.waker = waker;
    }
  }

  /**
   * @param what for messages: {@code the build}
   */
  public GivenUp(String what) {
    this.what = what;
  }

  @Override
  public synchronized boolean getAsBoolean() {
    return now;
  }

  /** Gives it up. */
  public synchronized void now() {
    now = true;
    waiting.forEach(one -> one.waker.run());
  }

  /**
   * @throws JcomposeException.Cancelled when it is given up
   */
  public void requireWanted() {
    if (getAsBoolean()) {
      throw new JcomposeException.Cancelled(what + " was given up");
    }
  }

  /**
   * Work of this thread that ends when it is interrupted, which it is once all is given up.
   *
   * @throws JcomposeException.Cancelled when it is given up already
   */
  public <T> T interruptibly(Supplier<T> work) {
    Thread self = Thread.currentThread();
    Waiting one = enter(self::interrupt);
    try {
      return work.get();
    } finally {
      leave(one);
      if (getAsBoolean()) {
        boolean _ = Thread.interrupted(); // the thread goes on with what no interrupt is meant for
      }
    }
  }

  /**
   * Work that something else ends.
   *
   * @param abort quick, and of no harm afterwards
   * @throws JcomposeException.Cancelled when it is given up already
   */
  public <T> T abortably(Runnable abort, Supplier<T> work) {
    Waiting one = enter(abort);
    try {
      return work.get();
    } finally {
      leave(one);
    }
  }

  private synchronized Waiting enter(Runnable waker) {
    requireWanted();
    Waiting one = new Waiting(waker);
    waiting.add(one);
    return one;
  }

  private synchronized void leave(Waiting one) {
    waiting.remove(one);
  }
}
