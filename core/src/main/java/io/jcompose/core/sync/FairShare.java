package io.jcompose.core.sync;

import java.util.HashMap;
import java.util.Map;

/**
 * A bound that many share. One may have as much as is left for all others, so that one alone gets
 * half, two a third each, and something always remains for who has nothing yet. Thread-safe.
 */
public final class FairShare {
  private final long total;

  /** What each has; guarded by {@code this}, as {@link #used}. */
  private final Map<String, Long> shares = new HashMap<>();

  private long used;

  public FairShare(long total) {
    this.total = total;
  }

  /** Takes an amount for somebody, who gives it back; false when it would be too much for it. */
  public synchronized boolean take(String who, long amount) {
    long own = shares.getOrDefault(who, 0L) + amount;
    if (own > total - used - amount) {
      return false;
    }
    shares.put(who, own);
    used += amount;
    return true;
  }

  /** Gives back what was taken. */
  public synchronized void give(String who, long amount) {
    long own = shares.getOrDefault(who, 0L) - amount;
    if (own < 0) {
      throw new IllegalStateException(who + " gives back more than it has");
    }
    if (own == 0) {
      shares.remove(who);
    } else {
      shares.put(who, own);
    }
    used -= amount;
  }

  /** What all have. */
  public synchronized long used() {
    return used;
  }
}
