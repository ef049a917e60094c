package io.jcompose.runtime.shim;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A connection to a shim that carries frames: type, argument, length, payload. One thread reads,
 * any may write. Blocks; closing it from another thread ends both.
 */
public final class ShimConnection implements AutoCloseable {
  private static final int HEAD = 8;
  private static final Duration CONNECT_LIMIT = Duration.ofSeconds(10);
  private static final long RETRY_NANOS = 50_000_000;
  private static final int IDLE_BUFFER = 256;
  private static final int SHORT_BUFFER = 4096;
  private static final int STREAM_BUFFER = 128 * 1024;

  private final SocketChannel channel;
  private final ReentrantLock writing = new ReentrantLock();

  /**
   * What was read and not given out, from position to limit; it grows with the first long frame.
   */
  private ByteBuffer input = little(ByteBuffer.allocate(IDLE_BUFFER).flip());

  /** A frame; {@code data} has its payload from position to limit. */
  public record Frame(int type, int argument, ByteBuffer data) {}

  static String text(Frame frame) {
    return StandardCharsets.UTF_8.decode(frame.data()).toString();
  }

  /** A question to a shim, with its answer. */
  @FunctionalInterface
  public interface Exchange {
    @Nullable Frame hold() throws IOException;
  }

  private ShimConnection(SocketChannel channel) {
    this.channel = channel;
  }

  /**
   * Connects, in 10 s at most: a shim that is stopped has room for so many callers that wait.
   *
   * @throws SocketTimeoutException when somebody has the socket, as far as is known, but there is
   *     no room, or no descriptor here
   * @throws IOException when nobody has it any more
   */
  public static ShimConnection connect(Path socket) throws IOException {
    return connect(socket, CONNECT_LIMIT);
  }

  static ShimConnection connect(Path socket, Duration limit) throws IOException {
    long end = System.nanoTime() + limit.toNanos();
    while (true) {
      try {
        return connectOnce(socket);
      } catch (SocketTimeoutException | ConnectException e) {
        throw e; // the second is ECONNREFUSED: its owner has ended
      } catch (IOException e) {
        // no room fails at once on a virtual thread, and no event tells of it: man 2 connect,
        // EAGAIN
        if (Files.notExists(socket)) {
          throw e;
        }
        if (System.nanoTime() > end || Thread.currentThread().isInterrupted()) {
          throw (IOException) new SocketTimeoutException(e.getMessage()).initCause(e);
        }
        LockSupport.parkNanos(RETRY_NANOS);
      }
    }
  }

  private static ShimConnection connectOnce(Path socket) throws IOException {
    SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      ShimConnection connection = new ShimConnection(channel);
      UnixDomainSocketAddress address = UnixDomainSocketAddress.of(socket);
      connection.within(
          CONNECT_LIMIT,
          () -> {
            channel.connect(address);
            return null;
          });
      return connection;
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  /**
   * Holds an exchange that takes so long at most; after that the connection is closed.
   *
   * @throws SocketTimeoutException when it took longer
   */
  @Nullable
  public Frame within(Duration limit, Exchange exchange) throws IOException {
    CountDownLatch done = new CountDownLatch(1);
    AtomicBoolean decided = new AtomicBoolean();
    Thread.ofVirtual()
        .name("shim-limit")
        .start(
            () -> {
              try {
                if (!done.await(limit.toMillis(), TimeUnit.MILLISECONDS)
                    && decided.compareAndSet(false, true)) {
                  close();
                }
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    try {
      Frame answer = exchange.hold();
      if (decided.compareAndSet(false, true)) {
        return answer;
      }
    } catch (IOException e) {
      if (decided.compareAndSet(false, true)) {
        throw e;
      }
    } finally {
      done.countDown();
    }
    throw new SocketTimeoutException("no answer within " + limit.toMillis() + " ms");
  }

  public void send(int type, int argument, byte[] data, int offset, int length) throws IOException {
    ByteBuffer[] frame = frame(type, argument, data, offset, length);
    writing.lock();
    try {
      write(frame);
    } finally {
      writing.unlock();
    }
  }

  /**
   * Sends a frame in a limited time and leaves the connection as it is in any case: what a stopped
   * shim does not take in time it may take when it goes on. Done by a thread of its own, for an
   * interrupt of the caller amid a write would close the channel, which counts as the shim's end.
   *
   * @throws SocketTimeoutException when the shim has not taken it in time
   */
  void sendWithin(Duration limit, int type, int argument, byte[] data) throws IOException {
    ByteBuffer[] frame = frame(type, argument, data, 0, data.length);
    AtomicBoolean decided = new AtomicBoolean();
    FutureTask<Boolean> sending = new FutureTask<>(() -> trySend(limit, frame, decided));
    Thread.ofVirtual().name("shim-send").start(sending);
    try {
      if (sending.get(limit.toMillis(), TimeUnit.MILLISECONDS)) {
        return;
      }
    } catch (ExecutionException e) {
      throw new IOException("failed to send to a shim: " + e.getCause(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (TimeoutException e) {
      // reported below
    }
    // A thread that has not begun by now sends nothing: its caller learns that it was not sent.
    decided.set(true);
    throw new SocketTimeoutException("not taken within " + limit.toMillis() + " ms");
  }

  private boolean trySend(Duration limit, ByteBuffer[] frame, AtomicBoolean decided)
      throws IOException, InterruptedException {
    if (!writing.tryLock(limit.toMillis(), TimeUnit.MILLISECONDS)) {
      return false;
    }
    try {
      if (!decided.compareAndSet(false, true)) {
        return false;
      }
      write(frame);
      return true;
    } finally {
      writing.unlock();
    }
  }

  /**
   * Sends the first byte of a frame that {@link #sendRest} goes on with: by which a shim can begin
   * what it is about. Nothing else may be sent in between.
   */
  public void sendType(int type) throws IOException {
    ByteBuffer first = ByteBuffer.wrap(new byte[] {(byte) type});
    while (first.hasRemaining()) {
      channel.write(first);
    }
  }

  /** The frame of {@link #sendType}, but for its first byte. */
  public void sendRest(int argument, byte[] data) throws IOException {
    ByteBuffer[] frame = frame(0, argument, data, 0, data.length);
    frame[0].get();
    write(frame);
  }

  private void write(ByteBuffer[] frame) throws IOException {
    while (frame[0].hasRemaining() || frame[1].hasRemaining()) {
      channel.write(frame);
    }
  }

  private static ByteBuffer[] frame(int type, int argument, byte[] data, int offset, int length) {
    ByteBuffer start = little(ByteBuffer.allocate(HEAD));
    start.put((byte) type).put((byte) argument).putShort((short) 0).putInt(length).flip();
    return new ByteBuffer[] {start, ByteBuffer.wrap(data, offset, length)};
  }

  void send(int type, int argument) throws IOException {
    send(type, argument, new byte[0], 0, 0);
  }

  /** The next frame, valid until the next call; null at the end of the connection. */
  @Nullable
  public Frame read() throws IOException {
    if (!fill(HEAD)) {
      return null;
    }
    int length = input.getInt(input.position() + Integer.BYTES);
    int type = input.get(input.position()) & 0xff;
    if (length < 0 || length > (type == Frames.META_IS ? Frames.MAX_PLAN : Frames.MAX_FRAME)) {
      throw new IOException("a shim sent a frame of " + length + " bytes");
    }
    if (!fill(HEAD + length)) {
      throw new EOFException("a shim's frame was cut");
    }
    int start = input.position();
    input.position(start + HEAD + length);
    return new Frame(
        type,
        input.get(start + 1) & 0xff,
        input.slice(start + HEAD, length).order(ByteOrder.LITTLE_ENDIAN));
  }

  /** An end's record needs little; who sends more than that is likely to go on. */
  private static int roomFor(int bytes) {
    return bytes <= SHORT_BUFFER ? SHORT_BUFFER : Math.max(bytes, STREAM_BUFFER);
  }

  /** Reads until there are so many bytes; false when the connection ends before. */
  private boolean fill(int bytes) throws IOException {
    if (input.capacity() < bytes) {
      input = little(ByteBuffer.allocate(roomFor(bytes)).put(input).flip());
    } else if (input.capacity() - input.position() < bytes) {
      input.compact().flip();
    }
    while (input.remaining() < bytes) {
      int start = input.position();
      input.position(input.limit()).limit(input.capacity());
      int count = channel.read(input);
      input.limit(input.position()).position(start);
      if (count < 0) {
        return false;
      }
    }
    return true;
  }

  /** Gives back the room that a long frame took; frames that were read before are not valid. */
  void trim() {
    input = little(ByteBuffer.allocate(Math.max(input.remaining(), IDLE_BUFFER)).put(input).flip());
  }

  private static ByteBuffer little(ByteBuffer buffer) {
    return buffer.order(ByteOrder.LITTLE_ENDIAN);
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException("failed to close a connection to a shim", e);
    }
  }
}
