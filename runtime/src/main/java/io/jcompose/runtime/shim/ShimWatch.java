package io.jcompose.runtime.shim;

import io.jcompose.core.JcomposeException;
import io.jcompose.runtime.TaskExit;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connection by which a shim reports its task's end and takes words for it. One thread waits
 * for the end; any may send or release.
 */
public final class ShimWatch {
  private static final Logger LOG = LoggerFactory.getLogger(ShimWatch.class);
  private static final Duration SEND_LIMIT = Duration.ofSeconds(10);
  private static final long FIRST_PAUSE_NANOS = 50_000_000;
  private static final long LAST_PAUSE_NANOS = 10_000_000_000L;
  private static final int EXIT_BYTES = 4 * Integer.BYTES + Long.BYTES; // of version 1

  private final String id;
  private final Path runDir;
  private volatile ShimConnection connection; // replaced by the thread that waits
  private volatile boolean released;

  public ShimWatch(String id, Path runDir, ShimConnection connection) {
    this.id = id;
    this.runDir = runDir;
    this.connection = connection;
  }

  public boolean isReleased() {
    return released;
  }

  /** Ends the waiting; the shim and its task live on. */
  public void release() {
    released = true;
    connection.close();
  }

  /**
   * Blocks until the end; null when no shim lives any more that could report it, or when released.
   * The end of a connection is not the end of its shim: one that has no room left for what it sends
   * an engine that does not listen cuts that one off, and is asked for another connection.
   *
   * @param rotated is run when the shim reports that the log was rotated
   */
  @Nullable
  public TaskExit awaitEnd(Instant startedAt, Runnable rotated) {
    TaskExit end = null;
    boolean lives = true;
    while (end == null && lives && !released) {
      end = hear(startedAt, rotated);
      connection.close();
      lives = end != null || isFoundAgain();
    }
    if (released) {
      connection.close(); // which may be another one than when it was released
    }
    return end;
  }

  private @Nullable TaskExit hear(Instant startedAt, Runnable rotated) {
    try {
      for (var frame = connection.read(); frame != null; frame = connection.read()) {
        if (frame.type() == Frames.ENDED) {
          return ExitRecord.parse(ShimConnection.text(frame));
        }
        if (frame.type() == Frames.OLDER_EXIT && frame.data().remaining() >= EXIT_BYTES) {
          return exitIn(frame.data(), startedAt);
        }
        if (frame.type() == Frames.LOG_ROTATED) {
          rotated.run();
        }
      }
    } catch (IOException | RuntimeException e) {
      if (!released) {
        LOG.warn("lost the connection to the shim of {}", id, e);
      }
    }
    return null;
  }

  private static TaskExit exitIn(ByteBuffer data, Instant startedAt) {
    int code = data.getInt();
    int signal = data.getInt();
    boolean oom = data.getInt() != 0;
    data.getInt();
    Instant at = Frames.instant(data.getLong());
    long peak = data.remaining() >= Long.BYTES ? data.getLong() : 0; // since version 2
    long limit = data.remaining() >= Long.BYTES ? data.getLong() : 0;
    return new TaskExit(code, signal, oom, peak, limit, false, startedAt, at);
  }

  private boolean isFoundAgain() {
    for (long pause = FIRST_PAUSE_NANOS; !released; pause = Math.min(2 * pause, LAST_PAUSE_NANOS)) {
      try {
        Optional<ShimAdoption> found = ShimAdoption.of(id, runDir);
        found.ifPresent(shim -> connection = shim.connection());
        return found.isPresent();
      } catch (JcomposeException.Timeout e) {
        LOG.debug("asking again: {}", e.getMessage());
      }
      LockSupport.parkNanos(pause); // no event tells that a shim goes on
    }
    return false;
  }

  /**
   * Tells the shim something in a limited time.
   *
   * @param what for the message
   * @throws JcomposeException.Unavailable when the shim does not take it in time: one that is
   *     stopped takes no more than the kernel has room for
   */
  public void send(String what, int type, int argument, byte[] data) {
    try {
      connection.sendWithin(SEND_LIMIT, type, argument, data);
    } catch (SocketTimeoutException e) {
      throw new JcomposeException.Unavailable(
          "container "
              + id
              + " did not take "
              + what
              + " within "
              + SEND_LIMIT.toSeconds()
              + " s: its jcompose-shim is stopped, or its disk hangs; it may take it when it goes on",
          e);
    } catch (IOException e) {
      LOG.debug("{} ended before {}", id, what, e);
    }
  }
}
