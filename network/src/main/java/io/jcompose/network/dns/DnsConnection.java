package io.jcompose.network.dns;

import io.jcompose.network.thread.EventLoop;
import io.jcompose.network.thread.EventLoop.Alarm;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A TCP client of a name server (RFC 1035, 4.2.2): one question after the other. One that sends no
 * whole question, or takes no whole answer, in ten seconds is cut off. Owned by the loop's thread.
 */
final class DnsConnection implements EventLoop.Handler {
  private static final Logger LOG = LoggerFactory.getLogger(DnsConnection.class);
  private static final long IDLE_MILLIS = 10_000;

  /** A question of one name, with room for the options that it may carry. */
  private static final int MAX_QUESTION = 4096;

  private static final int LENGTH_BYTES = 2;

  /** An answer of any length. */
  private static final int SEND_BYTES = 64 * 1024;

  private final EventLoop loop;
  private final SocketChannel channel;
  private final Questions questions;
  private final Consumer<DnsConnection> closed;
  private final SelectionKey key;
  private Alarm alarm;

  /** The length, and then the question. */
  private ByteBuffer in = ByteBuffer.allocate(LENGTH_BYTES);

  /** What the client has not taken yet; null while it is read from or waited for. */
  private @Nullable ByteBuffer out;

  private boolean readsQuestion;
  private boolean isClosed;

  /**
   * Begins to read.
   *
   * @param closed called once, when the connection has ended
   */
  DnsConnection(
      EventLoop loop, SocketChannel channel, Questions questions, Consumer<DnsConnection> closed)
      throws IOException {
    this.loop = loop;
    this.channel = channel;
    this.questions = questions;
    this.closed = closed;
    // the kernel would let it grow to megabytes, in nobody's account, for one who takes nothing
    channel.setOption(StandardSocketOptions.SO_SNDBUF, SEND_BYTES);
    this.key = loop.register(channel, SelectionKey.OP_READ, this);
    this.alarm = loop.after(IDLE_MILLIS, this::close);
  }

  @Override
  public void ready(SelectionKey ignored) {
    try {
      if (out != null) {
        write(out);
      } else {
        read();
      }
    } catch (IOException e) {
      LOG.debug("a TCP client of the name server failed", e);
      close();
    }
  }

  /** Ends the connection; twice is harmless. */
  void close() {
    if (!isClosed) {
      isClosed = true;
      alarm.cancel();
      EventLoop.close(channel);
      closed.accept(this);
    }
  }

  private void read() throws IOException {
    while (true) {
      if (channel.read(in) < 0) {
        close();
        return;
      }
      if (in.hasRemaining()) {
        return;
      }
      in.flip();
      if (readsQuestion) {
        ask(in);
        return;
      }
      int length = in.getShort() & 0xffff;
      if (length == 0 || length > MAX_QUESTION) {
        close();
        return;
      }
      in = ByteBuffer.allocate(length);
      readsQuestion = true;
    }
  }

  private void ask(ByteBuffer packet) {
    Optional<DnsQuery> query = DnsQuery.parse(packet);
    if (query.isEmpty()) {
      close();
      return;
    }
    // until there is an answer nothing more is read; asking has limits of its own
    key.interestOps(0);
    alarm.cancel();
    byte[] bytes = new byte[packet.limit()];
    packet.get(0, bytes);
    questions.ask(query.get(), bytes, answer -> loop.execute(() -> answer(answer)));
  }

  private void answer(byte[] answer) {
    if (isClosed) {
      return;
    }
    alarm = loop.after(IDLE_MILLIS, this::close);
    ByteBuffer message = ByteBuffer.allocate(answer.length + LENGTH_BYTES);
    out = message.putShort((short) answer.length).put(answer).flip();
    ready(key);
  }

  private void write(ByteBuffer rest) throws IOException {
    channel.write(rest);
    if (rest.hasRemaining()) {
      key.interestOps(SelectionKey.OP_WRITE);
      return;
    }
    out = null;
    in = ByteBuffer.allocate(LENGTH_BYTES);
    readsQuestion = false;
    alarm.cancel();
    alarm = loop.after(IDLE_MILLIS, this::close);
    key.interestOps(SelectionKey.OP_READ);
  }

  /** Finds answers. */
  interface Questions {
    /** Gives the answer to {@code taker}, at once or later, on any thread. */
    void ask(DnsQuery query, byte[] packet, Taker taker);
  }

  /** Takes an answer. */
  interface Taker {
    void take(byte[] answer);
  }
}
