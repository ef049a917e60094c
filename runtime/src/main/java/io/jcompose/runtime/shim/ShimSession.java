package io.jcompose.runtime.shim;

import io.jcompose.core.JcomposeException;
import io.jcompose.core.StreamSession;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A stream session over one connection to a shim. */
public final class ShimSession implements StreamSession {
  private static final Logger LOG = LoggerFactory.getLogger(ShimSession.class);
  private static final int CHUNK = 64 * 1024;

  private final ShimConnection connection;
  private final Runnable lost;
  private final Runnable closed;
  private final AtomicBoolean isClosed = new AtomicBoolean();
  private final CompletableFuture<Integer> exit = new CompletableFuture<>();
  private final AtomicBoolean pumping = new AtomicBoolean();

  /**
   * @param lost is run when the shim goes before it told of the end, while somebody listens
   * @param closed is run once, when the session is closed
   */
  public ShimSession(ShimConnection connection, Runnable lost, Runnable closed) {
    this.connection = connection;
    this.lost = lost;
    this.closed = closed;
  }

  @Override
  public OutputStream stdin() {
    return new OutputStream() {
      @Override
      public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
      }

      @Override
      public void write(byte[] data, int offset, int length) throws IOException {
        for (int done = 0; done < length; done += CHUNK) {
          int span = Math.min(CHUNK, length - done);
          connection.send(Frames.STDIN, 0, data, offset + done, span);
        }
      }

      @Override
      public void close() throws IOException {
        if (!exit.isDone()) {
          connection.send(Frames.STDIN_CLOSE, 0);
        }
      }
    };
  }

  @Override
  public void pump(Sink sink) throws IOException {
    if (!pumping.compareAndSet(false, true)) {
      throw new IllegalStateException("the session is pumped already");
    }
    try {
      for (var frame = next(); frame != null; frame = next()) {
        ByteBuffer data = frame.data();
        if (frame.type() == Frames.OUT) {
          sink.accept(
              frame.argument(),
              data.array(),
              data.arrayOffset() + data.position(),
              data.remaining());
        } else if (frame.type() == Frames.ENDED) {
          exit.complete(ExitRecord.parse(ShimConnection.text(frame)).code());
          return;
        } else if (frame.type() == Frames.OLDER_EXIT) {
          exit.complete(data.getInt());
          return;
        }
      }
    } catch (ClosedChannelException e) {
      exit.completeExceptionally(new JcomposeException.Cancelled("the session was closed"));
    } finally {
      exit.completeExceptionally(
          new JcomposeException.Unavailable("the connection to the shim ended before the process"));
    }
  }

  private ShimConnection.@Nullable Frame next() throws IOException {
    ShimConnection.Frame frame = null;
    boolean here = true;
    try {
      frame = connection.read();
    } catch (ClosedChannelException e) {
      here = false;
      throw e;
    } finally {
      if (frame == null && here) {
        lost.run();
      }
    }
    return frame;
  }

  @Override
  public void resize(int rows, int columns) {
    byte[] size = Frames.size(rows, columns);
    try {
      connection.send(Frames.RESIZE, 0, size, 0, size.length);
    } catch (IOException e) {
      LOG.debug("a program ended before its terminal was resized: {}", e.getMessage());
    }
  }

  @Override
  public int exitCode() {
    if (!exit.isDone() && !pumping.get()) {
      try {
        pump((stream, buffer, offset, length) -> {});
      } catch (IOException e) {
        throw new JcomposeException.Unavailable("lost a shim: " + e.getMessage());
      }
    }
    try {
      return exit.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof JcomposeException cause) {
        throw cause;
      }
      throw e;
    }
  }

  @Override
  public void close() {
    connection.close();
    if (isClosed.compareAndSet(false, true)) {
      closed.run();
    }
  }
}
