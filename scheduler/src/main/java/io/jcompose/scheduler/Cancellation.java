package io.jcompose.scheduler;

import io.jcompose.core.JcomposeException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Lets a command give way to one that came later: its waits end, its calls in progress finish.
 * Thread-safe.
 */
final class Cancellation {
  private final Set<Runnable> wakers = ConcurrentHashMap.newKeySet();
  private volatile @Nullable String reason;

  void cancel(String why) {
    reason = why;
    wakers.forEach(Runnable::run);
  }

  /** Throws Cancelled once {@link #cancel} was called. */
  void check() {
    String why = reason;
    if (why != null) {
      throw new JcomposeException.Cancelled("gave way to " + why);
    }
  }

  void onCancel(Runnable waker) {
    wakers.add(waker);
    if (reason != null) {
      waker.run();
    }
  }

  void forget(Runnable waker) {
    wakers.remove(waker);
  }
}
