package io.jcompose.api.template;

import io.jcompose.core.JcomposeException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * What a template may make of one list of values, so that a few words cannot fill the memory: steps
 * and output for each value, output for all, and what functions make on the way. One template at a
 * time makes much; the others wait, for half a minute at most. Confined to one thread until closed.
 */
final class Allowance implements AutoCloseable {
  private static final int MOST_STEPS = 1_000_000;
  private static final int MOST_CHARACTERS = 4 << 20;
  private static final long MOST_OF_ALL =
      Math.clamp(Runtime.getRuntime().maxMemory() >> 4, MOST_CHARACTERS, 4 * MOST_CHARACTERS);

  private static final int SMALL_CHARACTERS = 128 << 10;
  private static final Semaphore LARGE = new Semaphore(1, true);
  private static final long PATIENCE_SECONDS = 30;

  private int steps;
  private long made;
  private long before; // output for the values before this one
  private boolean isLarge;

  /** Another value begins, after so much output for the one before. */
  void next(int characters) {
    before += characters;
    steps = 0;
    made = 0;
  }

  /** A step for the value, when there is so much output for it. */
  void step(int characters) {
    steps++;
    check(characters);
  }

  /** A function is about to make values of so many characters at most. */
  void make(long characters) {
    made += characters;
    check(0);
  }

  private void check(int output) {
    boolean tooMuch = steps > MOST_STEPS || made > MOST_CHARACTERS || output > MOST_CHARACTERS;
    if (tooMuch || before + output > MOST_OF_ALL) {
      throw new JcomposeException.InvalidArgument("the template makes more than can be shown");
    }
    if (!isLarge && before + output + made > SMALL_CHARACTERS) {
      begin();
    }
  }

  private void begin() {
    try {
      if (!LARGE.tryAcquire(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        throw new JcomposeException.Unavailable(
            "other templates make much at the moment, and do not end; try again");
      }
      isLarge = true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new JcomposeException.Cancelled("interrupted before the template was carried out");
    }
  }

  @Override
  public void close() {
    if (isLarge) {
      isLarge = false;
      LARGE.release();
    }
  }
}
