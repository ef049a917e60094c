package io.jcompose.network.port;

import io.jcompose.network.thread.EventLoop;
import io.jcompose.network.thread.EventLoop.Alarm;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
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
 * A relayed connection: the client's socket and one to the container. It has memory of its own only
 * while one side does not take what the other has sent. Owned by the relays' thread.
 */
final class TcpConnection {
  private static final Logger LOG = LoggerFactory.getLogger(TcpConnection.class);
  private static final int SOCKETS = 2;
  private static final long CONNECT_MILLIS = 5000;
  private static final int CHUNK_BYTES = 16 * 1024;

  /** A bound on what is copied at once keeps one connection from starving the others. */
  private static final int CHUNKS_AT_ONCE = 8;

  private final RelayLoop shared;
  private final String owner;
  private final Consumer<TcpConnection> ended;
  private final Side client;
  private final Side target;
  private @Nullable Alarm connecting;
  private boolean closed;

  private TcpConnection(
      RelayLoop shared,
      String owner,
      Consumer<TcpConnection> ended,
      SocketChannel client,
      SocketChannel target)
      throws IOException {
    this.shared = shared;
    this.owner = owner;
    this.ended = ended;
    this.client = new Side(client);
    this.target = new Side(target);
  }

  /**
   * Begins to connect and to relay. Without room in the budget or a descriptor, the client is
   * closed.
   *
   * @param ended called once, when the connection has ended
   */
  static Optional<TcpConnection> open(
      RelayLoop shared,
      SocketChannel client,
      InetSocketAddress to,
      String owner,
      Consumer<TcpConnection> ended) {
    if (!shared.descriptors.take(owner, SOCKETS)) {
      LOG.debug("{} has too many relayed connections; one is closed", owner);
      EventLoop.close(client);
      return Optional.empty();
    }
    SocketChannel target = null;
    try {
      target = SocketChannel.open(StandardProtocolFamily.INET);
      TcpConnection made = new TcpConnection(shared, owner, ended, client, target);
      made.connect(to);
      return Optional.of(made);
    } catch (IOException e) {
      LOG.debug("relay to {} failed", to, e);
      EventLoop.close(client);
      if (target != null) {
        EventLoop.close(target);
      }
      shared.descriptors.give(owner, SOCKETS);
      return Optional.empty();
    }
  }

  /** Ends both sides; twice is harmless. */
  void close() {
    if (closed) {
      return;
    }
    closed = true;
    if (connecting != null) {
      connecting.cancel();
    }
    client.close();
    target.close();
    shared.descriptors.give(owner, SOCKETS);
    ended.accept(this);
  }

  private void connect(InetSocketAddress to) throws IOException {
    // a peer that is gone without a word is found in the end
    client.channel.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
    target.channel.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
    if (target.channel.connect(to)) {
      connected();
    } else {
      target.key.interestOps(SelectionKey.OP_CONNECT);
      connecting = shared.loop.after(CONNECT_MILLIS, this::close);
    }
  }

  private void connected() {
    if (connecting != null) {
      connecting.cancel();
    }
    client.key.interestOps(SelectionKey.OP_READ);
    target.key.interestOps(SelectionKey.OP_READ);
  }

  /** One of the two sockets. */
  private final class Side implements EventLoop.Handler, RelayLoop.Side {
    private final SocketChannel channel;
    private final SelectionKey key;

    /** What this side has not taken yet. */
    private @Nullable ByteBuffer parked;

    private long parkedSince;

    /** It sends nothing more. */
    private boolean isRead;

    private Side(SocketChannel channel) throws IOException {
      this.channel = channel;
      this.key = shared.loop.register(channel, 0, this);
    }

    @Override
    public String owner() {
      return owner;
    }

    @Override
    public void drop() {
      TcpConnection.this.close();
    }

    @Override
    public long parkedSince() {
      return parkedSince;
    }

    @Override
    public void ready(SelectionKey ignored) {
      try {
        if (key.isConnectable()) {
          channel.finishConnect();
          connected();
          return;
        }
        if (key.isWritable()) {
          flush();
        }
        if (!closed && key.isReadable()) {
          pump();
        }
      } catch (IOException e) {
        LOG.trace("a relayed connection broke", e);
        TcpConnection.this.close();
      }
    }

    /** Reads again, after waiting for room. */
    @Override
    public void resume() {
      if (!closed && !isRead && other().parked == null) {
        key.interestOpsOr(SelectionKey.OP_READ);
      }
    }

    private Side other() {
      return this == client ? target : client;
    }

    /** Carries what is there to the other side. */
    private void pump() throws IOException {
      for (int i = 0; i < CHUNKS_AT_ONCE && !isRead && other().parked == null; i++) {
        // what is read must have a place, should the other side not take it
        if (!shared.bytes.take(owner, CHUNK_BYTES)) {
          key.interestOpsAnd(~SelectionKey.OP_READ);
          shared.await(this);
          return;
        }
        int kept = 0;
        try {
          ByteBuffer buffer = shared.buffer.clear().limit(CHUNK_BYTES);
          int count = channel.read(buffer);
          if (count == 0) {
            return;
          }
          if (count < 0) {
            isRead = true;
            key.interestOpsAnd(~SelectionKey.OP_READ);
            other().finish();
          } else {
            kept = other().write(buffer.flip());
          }
        } finally {
          shared.bytes.give(owner, CHUNK_BYTES - kept);
        }
      }
    }

    /** Gives how many bytes were kept for later. */
    private int write(ByteBuffer bytes) throws IOException {
      channel.write(bytes);
      int rest = bytes.remaining();
      if (rest > 0) {
        parked = ByteBuffer.allocate(rest).put(bytes).flip();
        parkedSince = System.nanoTime();
        shared.park(this);
        key.interestOpsOr(SelectionKey.OP_WRITE);
        other().key.interestOpsAnd(~SelectionKey.OP_READ);
      }
      return rest;
    }

    private void flush() throws IOException {
      ByteBuffer bytes = parked;
      if (bytes == null) {
        return;
      }
      channel.write(bytes);
      if (bytes.hasRemaining()) {
        return;
      }
      key.interestOpsAnd(~SelectionKey.OP_WRITE);
      unpark(bytes);
      if (other().isRead) {
        finish();
      } else {
        other().key.interestOpsOr(SelectionKey.OP_READ);
      }
    }

    private void unpark(ByteBuffer bytes) {
      parked = null;
      shared.bytes.give(owner, bytes.capacity());
      shared.unpark(this);
    }

    /** Tells the end of the other side, when all before it is sent. */
    private void finish() throws IOException {
      if (parked != null) {
        return;
      }
      channel.shutdownOutput();
      if (isRead && other().parked == null) {
        TcpConnection.this.close();
      }
    }

    private void close() {
      EventLoop.close(channel);
      ByteBuffer bytes = parked;
      if (bytes != null) {
        unpark(bytes);
      }
    }
  }
}
