package io.jcompose.engine.log;

import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Wakes the followers of logs when a log's directory changes. One inotify instance for all, opened
 * with the first follower and closed with the last, so that an engine that nobody watches has none.
 * Where the kernel has no more to give (fs.inotify.max_user_instances, of all of root's programs),
 * followers look each second instead.
 */
public final class LogFollowers {
  private static final Logger LOG = LoggerFactory.getLogger(LogFollowers.class);
  private static final long WAIT_LIMIT_NANOS = 1_000_000_000L;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Map<Path, Watched> directories = new HashMap<>();
  private final Opening opening;
  private @Nullable WatchService service;
  private long generation;

  public LogFollowers() {
    this(() -> FileSystems.getDefault().newWatchService());
  }

  LogFollowers(Opening opening) {
    this.opening = opening;
  }

  /** Opens the kernel's service. */
  interface Opening {
    WatchService open() throws IOException;
  }

  /** Begins to watch the directory. */
  void enter(Path directory) {
    lock.lock();
    try {
      WatchService open = service == null ? start() : service;
      Watched watched = directories.get(directory);
      if (watched == null) {
        WatchKey key =
            directory.register(
                open, StandardWatchEventKinds.ENTRY_MODIFY, StandardWatchEventKinds.ENTRY_CREATE);
        directories.put(directory, new Watched(key, 1));
      } else {
        directories.put(directory, new Watched(watched.key, watched.followers + 1));
      }
    } catch (IOException e) {
      LOG.warn("looking at {} each second, for it cannot be watched: {}", directory, e.toString());
      closeUnused();
    } finally {
      lock.unlock();
    }
  }

  /** Ends what {@link #enter} began. */
  void leave(Path directory) {
    lock.lock();
    try {
      Watched watched = directories.get(directory);
      if (watched != null && watched.followers > 1) {
        directories.put(directory, new Watched(watched.key, watched.followers - 1));
      } else if (watched != null) {
        watched.key.cancel();
        directories.remove(directory);
      }
      closeUnused();
    } finally {
      lock.unlock();
    }
  }

  /**
   * A number that grows with each change; take it before reading, and give it to {@link #await}.
   */
  long generation() {
    lock.lock();
    try {
      return generation;
    } finally {
      lock.unlock();
    }
  }

  /** Waits until something changed since {@code seen}, a second at most. */
  void await(long seen) {
    await(seen, WAIT_LIMIT_NANOS);
  }

  /** As {@link #await(long)}, but no longer than {@code nanos}. */
  void await(long seen, long nanos) {
    lock.lock();
    try {
      long left = Math.min(nanos, WAIT_LIMIT_NANOS);
      while (generation == seen && left > 0) {
        left = changed.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
  }

  /** Wakes all followers: a container ended, or a reader was closed. */
  public void wake() {
    lock.lock();
    try {
      generation++;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void closeUnused() {
    try {
      if (directories.isEmpty() && service != null) {
        WatchService unused = service;
        service = null;
        unused.close();
      }
    } catch (IOException e) {
      LOG.debug("closing what watches logs: {}", e.toString());
    }
  }

  private WatchService start() throws IOException {
    WatchService opened = opening.open();
    service = opened;
    Thread.ofPlatform().daemon().name("log-watch").start(() -> run(opened));
    return opened;
  }

  private void run(WatchService watched) {
    try {
      while (true) {
        WatchKey key = watched.take();
        key.pollEvents();
        key.reset();
        wake();
      }
    } catch (ClosedWatchServiceException | InterruptedException e) {
      wake();
    }
  }

  private record Watched(WatchKey key, int followers) {}
}
