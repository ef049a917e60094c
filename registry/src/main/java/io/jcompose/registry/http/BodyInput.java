package io.jcompose.registry.http;

import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A request's body, of which a few chunks wait at the most: the event loop fetches another one when
 * one is read. A sender that is slower than {@link Limits#BODY_BYTES} allow fails, and where others
 * want its turn one that is slower than {@link Limits#WANTED_BYTES}. Read by one thread.
 */
final class BodyInput extends InputStream {
  private static final String END = "end";

  private final HttpServerRequest request;
  private final Context loop;
  private final BodyTurn turns;
  private final BlockingQueue<Object> arrived = new LinkedBlockingQueue<>();
  private @Nullable Buffer chunk;
  private int position;
  private boolean started;
  private boolean ended;
  private long bytes; // in the present window
  private long waitedNanos;

  /** To be made on the event loop, before it gets to the body. */
  BodyInput(HttpServerRequest request, Context loop, BodyTurn turns) {
    this.request = request;
    this.loop = loop;
    this.turns = turns;
    if (!hasBody(request)) {
      ended = true;
      return;
    }
    request.pause();
    request.handler(arrived::add);
    request.endHandler(end -> arrived.add(END));
    request.exceptionHandler(arrived::add);
  }

  /** RFC 9112 section 6. */
  private static boolean hasBody(HttpServerRequest request) {
    String length = request.getHeader("Content-Length");
    return request.headers().contains("Transfer-Encoding")
        || (length != null && !length.equals("0"));
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    Buffer current = chunk;
    while (current == null || position == current.length()) {
      current = ended ? null : next();
      if (current == null) {
        return -1;
      }
      chunk = current;
      position = 0;
    }
    int count = Math.min(length, current.length() - position);
    current.getBytes(position, position + count, target, offset);
    position += count;
    return count;
  }

  private @Nullable Buffer next() throws IOException {
    fetch(started ? 1 : Limits.CHUNKS);
    started = true;
    Object next = await();
    if (next instanceof Buffer buffer) {
      bytes += buffer.length();
      return buffer;
    }
    ended = true;
    if (next instanceof Throwable cause) {
      throw new IOException("the client went away while it sent", cause);
    }
    return null;
  }

  private void fetch(int chunks) {
    loop.runOnContext(go -> request.fetch(chunks));
  }

  /** Only what it waits for the client counts. */
  private Object await() throws IOException {
    try {
      while (true) {
        long start = System.nanoTime();
        Object next = arrived.poll(Limits.WANTED_MILLIS, TimeUnit.MILLISECONDS);
        waitedNanos += System.nanoTime() - start;
        requirePace(TimeUnit.NANOSECONDS.toMillis(waitedNanos));
        if (next != null) {
          return next;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("the registry is stopping");
    }
  }

  private void requirePace(long waitedMillis) throws IOException {
    boolean late = waitedMillis >= Limits.BODY_MILLIS;
    boolean isWanted = waitedMillis >= Limits.WANTED_MILLIS && turns.isWanted();
    if ((late && bytes < Limits.BODY_BYTES) || (isWanted && bytes < Limits.WANTED_BYTES)) {
      throw new SlowClient(
          "the client sent %d bytes in %d seconds".formatted(bytes, waitedMillis / 1000));
    }
    if (late || isWanted) {
      bytes = 0;
      waitedNanos = 0;
    }
  }

  /** True when all of it was read. */
  boolean isRead() {
    return ended;
  }

  /** A sender that takes its time. */
  static final class SlowClient extends IOException {
    private static final long serialVersionUID = 1L;

    SlowClient(String message) {
      super(message);
    }
  }
}
