package io.jcompose.build.solve;

import io.jcompose.core.JcomposeException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How many characters the configurations of a call's stages may have together: a Dockerfile of a
 * few lines can ask for any number of them. Thread-safe.
 */
final class Budget {
  private final long all;
  private final AtomicLong left;

  Budget(long characters) {
    this.all = characters;
    this.left = new AtomicLong(characters);
  }

  /** A thirty-second of the heap. */
  static Budget ofHeap() {
    return new Budget(Runtime.getRuntime().maxMemory() >> 5);
  }

  /**
   * @throws JcomposeException.InvalidArgument when there is not as much left
   */
  void take(long characters) {
    if (left.addAndGet(-characters) < 0) {
      throw new JcomposeException.InvalidArgument(
          "the stages' variables, labels and histories together have more than "
              + all
              + " characters");
    }
  }
}
