package io.jcompose.core.sync;

import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A stack of undo steps for an acquisition in several parts. Push an undo after each part; {@link
 * #commit} when all is done. Closing without a commit runs the undos in reverse and goes on after
 * one that fails. Confined to one thread.
 */
public final class Rollback implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Rollback.class);

  private final Deque<Step> steps = new ArrayDeque<>();

  /** Adds what undoes the part just acquired. */
  public void push(String what, Runnable undo) {
    steps.push(new Step(what, undo));
  }

  /** Moves the undos of another one here, as the youngest. */
  public void take(Rollback other) {
    other.steps.descendingIterator().forEachRemaining(steps::push);
    other.steps.clear();
  }

  /** Forgets all undos: the acquisition stands. */
  public void commit() {
    steps.clear();
  }

  @Override
  public void close() {
    while (!steps.isEmpty()) {
      Step step = steps.pop();
      try {
        step.undo.run();
      } catch (RuntimeException e) {
        LOG.warn("undo failed, going on: {}", step.what, e);
      }
    }
  }

  private record Step(String what, Runnable undo) {}
}
