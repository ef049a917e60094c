package io.jcompose.images.registry;

import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.Objects;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One connection to a server, with a limit on what is under way on it: a peer that sends a byte now
 * and then would hold a read that is only limited for itself for ever. Its streams are confined to
 * one thread; {@link #abort} and the limit may come from any.
 */
final class Connection {
  private static final int BUFFER = 1 << 16;

  private final String key;
  private final ScheduledExecutorService clock;
  private final Socket raw;
  private @Nullable InputStream in;
  private @Nullable OutputStream out;
  private @Nullable ScheduledFuture<?> limit; // guarded by this
  private volatile boolean late;
  private long idleSinceNanos;

  /**
   * @param key whom it leads to
   * @param raw the TCP connection; this one's from now on
   */
  Connection(String key, ScheduledExecutorService clock, Socket raw) {
    this.key = key;
    this.clock = clock;
    this.raw = raw;
  }

  String key() {
    return key;
  }

  Socket raw() {
    return raw;
  }

  /** Gives it the socket to speak through: the raw one, or TLS on it. */
  void speakThrough(Socket socket) throws IOException {
    in = new BufferedInputStream(new Timed(socket.getInputStream()), BUFFER);
    out = socket.getOutputStream();
  }

  InputStream in() {
    return Objects.requireNonNull(in);
  }

  OutputStream out() {
    return Objects.requireNonNull(out);
  }

  /** Closes it when the time is over, unless a new limit is set before. */
  synchronized void limit(long millis) {
    unlimited();
    limit = clock.schedule(this::end, millis, TimeUnit.MILLISECONDS);
  }

  synchronized void unlimited() {
    if (limit != null) {
      limit.cancel(false);
      limit = null;
    }
  }

  void idle() {
    unlimited();
    idleSinceNanos = System.nanoTime();
  }

  boolean isIdleLongerThan(long millis) {
    return System.nanoTime() - idleSinceNanos > TimeUnit.MILLISECONDS.toNanos(millis);
  }

  /** Closes it; what waits on it fails. */
  void abort() {
    unlimited();
    try {
      raw.close(); // TLS's own close may wait for the peer
    } catch (IOException e) {
      Thread.onSpinWait(); // Nothing is lost: the connection is not used again.
    }
  }

  private void end() {
    late = true;
    abort();
  }

  /** The error as it is to be told: that the limit has struck looks like a closed socket. */
  IOException told(IOException e) {
    if (!late) {
      return e;
    }
    SocketTimeoutException timeout = new SocketTimeoutException("no answer in time");
    timeout.initCause(e);
    return timeout;
  }

  private final class Timed extends FilterInputStream {
    Timed(InputStream in) {
      super(in);
    }

    /** A buffer around this asks between two reads. */
    @Override
    public int available() throws IOException {
      try {
        return in.available();
      } catch (IOException e) {
        throw told(e);
      }
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      try {
        return in.read(target, offset, length);
      } catch (IOException e) {
        throw told(e);
      }
    }
  }
}
