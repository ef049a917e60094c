package io.jcompose.network;

import io.jcompose.core.FairShare;
import io.jcompose.linux.DescriptorLimit;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Carries connections and packets that the firewall cannot: those to {@code ::1}, IPv6 ones to
 * containers without IPv6, and any while the firewall is missing. All ports have one thread, one
 * buffer and one budget of descriptors and of bytes, so that no number of clients costs more than
 * that; of either, one container gets no more than it leaves to others. Owned by the network stack.
 */
final class Relays implements AutoCloseable {
  /** Sockets of all connections (two each) and UDP clients (one each). */
  private static final int DESCRIPTORS = 6144;

  /** What was read and is not taken yet, of all connections. */
  private static final int BYTES = 8 * 1024 * 1024;

  /** The longest packet of UDP, and one more. */
  private static final int BUFFER_BYTES = 64 * 1024;

  private static final long RETRY_MILLIS = 1000;
  private static final long STUCK_NANOS = TimeUnit.SECONDS.toNanos(60);

  final EventLoop loop = new EventLoop("jcompose-relay");
  final FairShare descriptors;
  final FairShare bytes;

  /** Owned by the loop's thread, as all below. */
  final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);

  /** Connections with bytes that are not taken, the longest first. */
  private final Set<TcpConnection.Side> parked = new LinkedHashSet<>();

  /** Those that may not read until bytes are given back. */
  private final List<TcpConnection.Side> waiting = new ArrayList<>();

  private final Notices notices;
  private final Predicate<InetAddress> shutOut;
  private boolean retries;

  /**
   * @param shutOut clients that are not served, whatever they ask for
   */
  Relays(Notices notices, Predicate<InetAddress> shutOut) {
    this(notices, shutOut, Math.min(DESCRIPTORS, DescriptorLimit.now() / 2), BYTES);
  }

  Relays(Notices notices, Predicate<InetAddress> shutOut, long descriptors, long bytes) {
    this.notices = notices;
    this.shutOut = shutOut;
    this.descriptors = new FairShare(descriptors);
    this.bytes = new FairShare(bytes);
  }

  /**
   * Relays what a listening socket accepts, until {@link #release}.
   *
   * @param owner whose budget it is
   */
  Port tcp(ServerSocketChannel server, InetSocketAddress to, String owner) throws IOException {
    TcpPort port = new TcpPort(this, server, to, owner);
    loop.register(
        server,
        SelectionKey.OP_ACCEPT,
        new Acceptor(loop, "published port " + server.getLocalAddress(), notices, port::accepted));
    return port;
  }

  /** The same for packets; each client has a socket of its own. */
  Port udp(DatagramChannel socket, InetSocketAddress to, String owner) throws IOException {
    UdpPort port = new UdpPort(this, socket, to, owner);
    loop.register(socket, SelectionKey.OP_READ, port);
    return port;
  }

  /** Closes ports and what they relay; when it returns, they can be bound again. */
  void release(List<Port> ports) {
    if (!ports.isEmpty()) {
      loop.release(() -> ports.forEach(Port::close));
    }
  }

  /** Call after the ports were released. */
  @Override
  public void close() {
    loop.close();
  }

  boolean serves(SocketAddress client) {
    return !(client instanceof InetSocketAddress from) || !shutOut.test(from.getAddress());
  }

  /** A side has bytes that it cannot send yet. */
  void park(TcpConnection.Side side) {
    parked.add(side);
  }

  /** A side has sent what was parked, or is closed. */
  void unpark(TcpConnection.Side side) {
    parked.remove(side);
    resume();
  }

  /** Lets a side read again when bytes are given back. */
  void await(TcpConnection.Side side) {
    waiting.add(side);
    if (!retries) {
      retries = true;
      loop.after(RETRY_MILLIS, this::retry);
    }
  }

  private void retry() {
    retries = false;
    dropStuck();
    resume();
  }

  /** What others wait for is not kept for one that has taken nothing for a minute. */
  private void dropStuck() {
    long now = System.nanoTime();
    for (TcpConnection.Side side : List.copyOf(parked)) {
      if (now - side.parkedSince() < STUCK_NANOS) {
        return;
      }
      if (waiting.stream().anyMatch(each -> each.owner().equals(side.owner()))) {
        side.connection().close();
      }
    }
  }

  private void resume() {
    if (!waiting.isEmpty()) {
      List<TcpConnection.Side> all = List.copyOf(waiting);
      waiting.clear();
      all.forEach(TcpConnection.Side::resume);
    }
  }

  /** A port that is relayed. */
  interface Port {
    /** The loop's thread only, or after its end. */
    void close();
  }

  /** A listening socket with its connections; owned by the loop's thread. */
  private record TcpPort(
      Relays relays,
      ServerSocketChannel server,
      InetSocketAddress to,
      String owner,
      Set<TcpConnection> connections)
      implements Port {
    TcpPort(Relays relays, ServerSocketChannel server, InetSocketAddress to, String owner) {
      this(relays, server, to, owner, new LinkedHashSet<>());
    }

    void accepted(SocketChannel client) {
      if (!relays.serves(client.socket().getRemoteSocketAddress())) {
        EventLoop.close(client);
        return;
      }
      Consumer<TcpConnection> ended = connections::remove;
      TcpConnection.open(relays, client, to, owner, ended).ifPresent(connections::add);
    }

    @Override
    public void close() {
      EventLoop.close(server);
      List.copyOf(connections).forEach(TcpConnection::close);
    }
  }
}
