package io.jcompose.compose.tree;

import io.jcompose.core.JcomposeException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * What all loads of a loader may have in memory at one time: so many small ones, of which one may
 * become large at a time. The rest waits, with little in its hands, for half a minute at most.
 * Thread-safe.
 */
public final class LoadTurns {
  /** What a load may cost without waiting for the turn of large ones. */
  static final int SMALL_VALUES = 2048;

  static final int SMALL_CHARACTERS = 128 * 1024;

  private static final int LOADS = 6;
  private static final long PATIENCE_SECONDS = 30;

  private final Semaphore all = new Semaphore(LOADS, true);
  private final Semaphore large = new Semaphore(1, true);
  private final long patienceMillis;

  public LoadTurns() {
    this(TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS));
  }

  public LoadTurns(long patienceMillis) {
    this.patienceMillis = patienceMillis;
  }

  /** A load begins to have something in memory; {@link #end} follows. */
  void begin() {
    take(all, "as many projects as the memory allows are being read");
  }

  /** A load that has begun becomes large; {@link #endLarge} follows. */
  void beginLarge() {
    take(large, "another large project is being read");
  }

  void end() {
    all.release();
  }

  void endLarge() {
    large.release();
  }

  private void take(Semaphore of, String why) {
    try {
      if (!of.tryAcquire(patienceMillis, TimeUnit.MILLISECONDS)) {
        throw new JcomposeException.Unavailable(
            "cannot read the project: " + why + ", and does not end; try again");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new JcomposeException.Cancelled("interrupted before the project was read");
    }
  }
}
