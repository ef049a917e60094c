package io.jcompose.api.http;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The memory that the bodies of all requests of a server, and their answers, may take together.
 * What each may be is bounded elsewhere; only the sum is what the heap has to hold. A part is for
 * small requests alone, a part for the server's own user, and no other user has all of the rest, so
 * that who is refused is who asks for much. Thread-safe.
 */
final class BodyBudget {
  /** What holds no more passes what is larger and waits. */
  static final int SMALL_BYTES = 512 << 10;

  /** Of the total: what all together may hold, all but the server's own user, and one of them. */
  private static final int ALL = 8;

  private static final int ALL_OTHERS = 7;
  private static final int ONE = 6;
  private static final int PARTS = 8;

  private final int total;
  private final String ownUser;
  private final Duration patience;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition freed = lock.newCondition();
  private int held; // guarded by lock, as those below
  private int heldByOthers;
  private final Map<String, Integer> heldBy = new HashMap<>(); // of the others, none has 0

  /**
   * @param patience how long a request waits for others
   */
  BodyBudget(int totalBytes, String ownUser, Duration patience) {
    this.total = totalBytes;
    this.ownUser = ownUser;
    this.patience = patience;
  }

  /**
   * Waits until so much is free.
   *
   * @param already what the request has
   * @throws MalformedRequest (503) when it is not in time; (413) when it can never be
   */
  void take(String user, int count, int already) throws MalformedRequest {
    if (count > most(user) - already) {
      throw new MalformedRequest(413, "request too large");
    }
    boolean large = already + count > SMALL_BYTES;
    lock.lock();
    try {
      long left = patience.toNanos();
      while (!fits(user, count, large)) {
        if (left <= 0) {
          throw new MalformedRequest(503, "too many large requests at once; try again");
        }
        left = freed.awaitNanos(left);
      }
      add(user, count);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new MalformedRequest(503, "the engine is stopping");
    } finally {
      lock.unlock();
    }
  }

  /**
   * Takes so much, or as much as a request may have at all, without waiting: what it is for is in
   * memory already.
   *
   * @return how much was taken
   * @throws MalformedRequest (503) when it is not free
   */
  int takeNow(String user, int count) throws MalformedRequest {
    int taken = Math.min(count, most(user));
    lock.lock();
    try {
      if (!fits(user, taken, taken > SMALL_BYTES)) {
        throw new MalformedRequest(503, "too many large answers at once; try again");
      }
      add(user, taken);
      return taken;
    } finally {
      lock.unlock();
    }
  }

  void giveBack(String user, int count) {
    lock.lock();
    try {
      add(user, -count);
      freed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** What one request of a user may hold at the most, in bytes. */
  int most(String user) {
    return part(user.equals(ownUser) ? ALL : ONE, true);
  }

  private boolean fits(String user, int count, boolean large) {
    return held + count <= part(ALL, large)
        && (user.equals(ownUser)
            || (heldByOthers + count <= part(ALL_OTHERS, large)
                && heldBy.getOrDefault(user, 0) + count <= part(ONE, large)));
  }

  private int part(int parts, boolean large) {
    return total / PARTS * (large ? parts - 1 : parts);
  }

  private void add(String user, int count) {
    held += count;
    if (!user.equals(ownUser)) {
      heldByOthers += count;
      int now = heldBy.getOrDefault(user, 0) + count;
      if (now == 0) {
        heldBy.remove(user);
      } else {
        heldBy.put(user, now);
      }
    }
  }
}
