package io.jcompose.api.docker.rpc;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2FrameStream;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2StreamFrame;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One call of gRPC over HTTP/2: messages each way, and a status at the end. One thread may receive
 * while another sends. What was received and not read is bounded by the connection's window.
 */
public final class RpcStream implements AutoCloseable {
  static final String TYPE = "application/grpc";
  private static final int LARGEST_MESSAGE = 2 << 20;
  private static final int HEAD = 5;
  private static final int PIECE = 32 << 10;
  private static final long ANSWER_SECONDS = 60;

  private final FrameWriter connection;
  private final Http2FrameStream stream;
  private final String path;
  private final Map<String, List<String>> headers;
  private final boolean isServed;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition news = lock.newCondition();
  private ByteArrayOutputStream come = new ByteArrayOutputStream(); // guarded, as follows
  private int counted;
  private final List<Runnable> cancelActions = new ArrayList<>();
  private boolean halfClosed;
  private boolean isCancelled;
  private @Nullable RpcFailure failure;
  private byte[] rest = {}; // the receiver's
  private int restAt;
  private int owed;
  private volatile long deadlineNanos; // 0 is none
  private boolean answering; // the sender's
  private boolean done;

  /**
   * @param isServed the other side has begun it
   */
  RpcStream(
      FrameWriter connection,
      Http2FrameStream stream,
      String path,
      Map<String, List<String>> headers,
      boolean isServed) {
    this.connection = connection;
    this.stream = stream;
    this.path = path;
    this.headers = headers;
    this.isServed = isServed;
  }

  Http2FrameStream stream() {
    return stream;
  }

  public String path() {
    return path;
  }

  /** The first header of a lower-case name, or an empty text. */
  public String header(String name) {
    return headers.getOrDefault(name, List.of("")).getFirst();
  }

  /** Runs an action once when the other side gives the call up; at once when it has. */
  public void onCancel(Runnable action) {
    lock.lock();
    try {
      if (!isCancelled) {
        cancelActions.add(action);
        return;
      }
    } finally {
      lock.unlock();
    }
    action.run();
  }

  void cancelled() {
    List<Runnable> actions;
    lock.lock();
    try {
      isCancelled = true;
      actions = List.copyOf(cancelActions);
      if (isServed) {
        come.reset(); // an answer that came stays
      }
      cancelActions.clear();
      news.signalAll();
    } finally {
      lock.unlock();
    }
    actions.forEach(Runnable::run);
  }

  void data(byte[] bytes, int counted, boolean isLast) {
    lock.lock();
    try {
      if (!isCancelled) { // who gave up reads nothing more
        come.writeBytes(bytes);
        this.counted += counted;
      }
      halfClosed |= isLast;
      news.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** The answer's head, or its trailer. */
  void head(Http2Headers head, boolean isLast) {
    lock.lock();
    try {
      CharSequence status = head.get("grpc-status");
      if (status != null && !status.toString().equals("0")) {
        failure = new RpcFailure(number(status.toString()), message(head.get("grpc-message")));
      }
      halfClosed |= isLast;
      news.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private static int number(String text) {
    return text.matches("[0-9]{1,3}") ? Integer.parseInt(text) : RpcFailure.UNKNOWN;
  }

  private static String message(@Nullable CharSequence encoded) {
    String text = encoded == null ? "" : encoded.toString();
    try {
      return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return text;
    }
  }

  /**
   * The next message; null when no more come. Blocks.
   *
   * @throws RpcFailure for a call that was answered by an error
   * @throws IOException when the call ended in the middle
   */
  public byte @Nullable [] receive() throws IOException {
    byte[] head = new byte[HEAD];
    if (!fill(head, 0, HEAD)) {
      return null;
    }
    int length = ByteBuffer.wrap(head, 1, Integer.BYTES).getInt();
    if (head[0] != 0) {
      throw new RpcFailure(RpcFailure.UNIMPLEMENTED, "compressed messages are not read");
    }
    if (length < 0 || length > LARGEST_MESSAGE) {
      throw new RpcFailure(RpcFailure.RESOURCE_EXHAUSTED, "a message of " + length + " bytes");
    }
    byte[] message = new byte[Math.min(length, PIECE)];
    int at = 0;
    while (at < length) { // as it comes: what is promised and not sent takes no memory
      if (at == message.length) {
        message = Arrays.copyOf(message, Math.min(length, 2 * at));
      }
      if (!fill(message, at, message.length - at)) {
        throw new IOException("the call ended in the middle of a message");
      }
      at = message.length;
    }
    return message;
  }

  /** The same as a message that must come; an empty one when none does. */
  public ProtoMessage request() throws IOException {
    byte[] message = receive();
    return ProtoMessage.parse(message == null ? new byte[0] : message);
  }

  /** False at the end before the first byte. */
  private boolean fill(byte[] target, int offset, int length) throws IOException {
    int filled = 0;
    while (filled < length) {
      if (restAt == rest.length && !next()) {
        if (filled == 0) {
          return false;
        }
        throw new IOException("the call ended in the middle of a message");
      }
      int count = Math.min(length - filled, rest.length - restAt);
      System.arraycopy(rest, restAt, target, offset + filled, count);
      restAt += count;
      filled += count;
    }
    return true;
  }

  private boolean next() throws IOException {
    byte[] part;
    lock.lock();
    try {
      while (come.size() == 0 && !halfClosed && !isCancelled) {
        if (deadlineNanos == 0) {
          news.awaitUninterruptibly();
        } else if (news.awaitNanos(deadlineNanos - System.nanoTime()) <= 0) {
          throw new IOException("no answer in " + ANSWER_SECONDS + " s");
        }
      }
      if (come.size() == 0) {
        if (failure != null) {
          throw failure;
        }
        if (!halfClosed) {
          throw new IOException("the call was given up");
        }
        return false;
      }
      part = come.toByteArray();
      come = new ByteArrayOutputStream(); // a call may last, and its buffer is large
      owed += counted;
      counted = 0;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("given up while waiting for an answer", e);
    } finally {
      lock.unlock();
    }

    if (owed >= PIECE || isIdle()) {
      connection.taken(stream, owed);
      owed = 0;
    }
    rest = part;
    restAt = 0;
    return true;
  }

  /** Whether nothing has come that was not taken. */
  private boolean isIdle() {
    lock.lock();
    try {
      return come.size() == 0;
    } finally {
      lock.unlock();
    }
  }

  /** Sends a message; blocks until it is taken. One thread at a time. */
  public void send(byte[] message) throws IOException {
    answer();
    byte[] framed =
        ByteBuffer.allocate(HEAD + message.length)
            .put((byte) 0)
            .putInt(message.length)
            .put(message)
            .array();
    for (int at = 0; at < framed.length; at += PIECE) {
      int count = Math.min(PIECE, framed.length - at);
      write(new DefaultHttp2DataFrame(Unpooled.wrappedBuffer(framed, at, count)).stream(stream));
    }
  }

  public void send(ProtoWriter message) throws IOException {
    send(message.toBytes());
  }

  private void answer() throws IOException {
    if (isServed && !answering) {
      answering = true;
      Http2Headers head = new DefaultHttp2Headers().status("200").add("content-type", TYPE);
      connection.write(new DefaultHttp2HeadersFrame(head, false).stream(stream));
    }
  }

  /** The caller sends no more; its answer is still to be received, or is there already. */
  public void endOfRequest() throws IOException {
    write(new DefaultHttp2DataFrame(Unpooled.EMPTY_BUFFER, true).stream(stream));
  }

  /** Who answers before it has heard all needs no more of it. */
  private void write(Http2StreamFrame frame) throws IOException {
    try {
      connection.write(frame);
    } catch (IOException e) {
      lock.lock();
      try {
        if (isServed || !halfClosed) {
          throw e;
        }
        if (failure != null) {
          throw failure;
        }
      } finally {
        lock.unlock();
      }
    }
  }

  /** Ends a call that was served. */
  void finish() throws IOException {
    finish(new RpcFailure(0, ""));
  }

  void finish(RpcFailure status) throws IOException {
    if (done) {
      return;
    }
    answer();
    done = true;
    Http2Headers trailer =
        new DefaultHttp2Headers().add("grpc-status", String.valueOf(status.code()));
    if (!status.text().isEmpty()) {
      String encoded = URLEncoder.encode(status.text(), StandardCharsets.UTF_8);
      trailer.add("grpc-message", encoded.replace("+", "%20"));
    }
    if (status.hasDetails()) {
      trailer.add(
          "grpc-status-details-bin",
          Base64.getEncoder().withoutPadding().encodeToString(status.status()));
    }
    connection.write(new DefaultHttp2HeadersFrame(trailer, true).stream(stream));
  }

  /**
   * One request and its answer, which comes in a minute or not at all. The call has ended then: who
   * left before the status would have given it up.
   */
  public ProtoMessage ask(ProtoWriter request) throws IOException {
    deadlineNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(ANSWER_SECONDS);
    send(request);
    endOfRequest();
    byte[] answer = receive();
    if (answer == null || receive() != null) {
      throw new RpcFailure(RpcFailure.UNKNOWN, path + " was not answered by one message");
    }
    return ProtoMessage.parse(answer);
  }

  /**
   * Gives a call up that has not ended. A caller that still sends to one that was answered is told
   * to stop (RFC 9113, section 8.1).
   */
  @Override
  public void close() {
    boolean over;
    lock.lock();
    try {
      over = isCancelled || (halfClosed && (done || !isServed));
      isCancelled = true;
      come.reset();
      news.signalAll(); // whoever still receives
    } finally {
      lock.unlock();
    }
    if (over) {
      connection.forget(stream);
    } else {
      connection.reset(stream, done ? Http2Error.NO_ERROR : Http2Error.CANCEL);
    }
  }
}
