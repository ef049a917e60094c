package io.jcompose.images;

import io.jcompose.core.JcomposeException;
import io.jcompose.core.Progress;
import io.jcompose.core.RegistryLogins;
import io.jcompose.images.store.StoredImage;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Pulls under way, each in a thread of its own with all who wait for it. Who is interrupted waits
 * no longer, and a pull that nobody waits for is interrupted. Thread-safe.
 */
final class Flights implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Flights.class);
  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(5);

  private final ReentrantLock lock = new ReentrantLock();
  private final Map<Key, Flight> flights = new HashMap<>(); // may be joined; guarded by the lock
  private final Set<Flight> underWay = new HashSet<>(); // also what was given up; guarded too

  /**
   * What makes two pulls one: callers with different logins may be shown different things by a
   * registry, and one of them nothing.
   *
   * @param logins what this image's registry is shown
   */
  record Key(String image, RegistryLogins logins) {}

  /** One pull; its number of waiters is guarded by the lock. */
  private static final class Flight {
    private final CompletableFuture<StoredImage> result = new CompletableFuture<>();
    private final PullProgress progress;
    private final Thread thread;
    private int waiters;

    Flight(PullProgress progress, Function<Flight, Runnable> work) {
      this.progress = progress;
      this.thread = Thread.ofVirtual().name("pull").unstarted(work.apply(this));
    }
  }

  /**
   * Waits for the pull with the key, which is started when there is none.
   *
   * @throws JcomposeException.Cancelled when interrupted
   */
  StoredImage join(
      Key key, String image, Progress listener, Function<PullProgress, StoredImage> work) {
    Flight flight = board(key, image, listener, work);
    try {
      return flight.result.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new JcomposeException.Cancelled("the pull of " + image + " was given up");
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw new CompletionException(e.getCause());
    } finally {
      leave(key, flight);
    }
  }

  /** Ends all of them, and waits a little, so that they leave nothing half done. */
  @Override
  public void close() {
    List<Flight> all;
    lock.lock();
    try {
      all = List.copyOf(underWay);
    } finally {
      lock.unlock();
    }
    all.forEach(flight -> flight.thread.interrupt());
    try {
      for (Flight flight : all) {
        if (!flight.thread.join(CLOSE_LIMIT)) {
          LOG.info("a pull does not end; what it has is used by the next one");
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Flight board(
      Key key, String image, Progress listener, Function<PullProgress, StoredImage> work) {
    lock.lock();
    try {
      Flight flight = flights.get(key);
      if (flight == null) {
        flight = new Flight(new PullProgress(image), own -> () -> fly(key, own, work));
        flights.put(key, flight);
        underWay.add(flight);
        flight.progress.add(listener);
        flight.thread.start();
      } else {
        flight.progress.add(listener);
      }
      flight.waiters++;
      return flight;
    } finally {
      lock.unlock();
    }
  }

  private void fly(Key key, Flight flight, Function<PullProgress, StoredImage> work) {
    try {
      StoredImage image = work.apply(flight.progress);
      land(key, flight);
      flight.result.complete(image);
    } catch (RuntimeException | Error e) {
      land(key, flight);
      flight.result.completeExceptionally(e);
    }
  }

  private void land(Key key, Flight flight) {
    lock.lock();
    try {
      flights.remove(key, flight);
      underWay.remove(flight);
    } finally {
      lock.unlock();
    }
  }

  private void leave(Key key, Flight flight) {
    lock.lock();
    try {
      if (--flight.waiters == 0 && !flight.result.isDone()) {
        flights.remove(key, flight); // nobody may join what ends
        flight.thread.interrupt();
      }
    } finally {
      lock.unlock();
    }
  }
}
