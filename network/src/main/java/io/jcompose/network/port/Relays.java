package io.jcompose.network.port;

import io.jcompose.linux.DescriptorLimit;
import io.jcompose.network.notice.Notices;
import io.jcompose.network.thread.Acceptor;
import io.jcompose.network.thread.EventLoop;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Carries connections and packets that the firewall cannot: those to {@code ::1}, IPv6 ones to
 * containers without IPv6, and any while the firewall is missing. All ports share one {@link
 * RelayLoop}. Owned by the network stack.
 */
public final class Relays implements AutoCloseable {
  /** Sockets of all connections (two each) and UDP clients (one each). */
  private static final int DESCRIPTORS = 6144;

  /** What was read and is not taken yet, of all connections. */
  private static final int BYTES = 8 * 1024 * 1024;

  final RelayLoop shared;
  private final Notices notices;

  /**
   * @param shutOut clients that are not served, whatever they ask for
   */
  public Relays(Notices notices, Predicate<InetAddress> shutOut) {
    this(notices, shutOut, Math.min(DESCRIPTORS, DescriptorLimit.now() / 2), BYTES);
  }

  Relays(Notices notices, Predicate<InetAddress> shutOut, long descriptors, long bytes) {
    this.notices = notices;
    this.shared = new RelayLoop(shutOut, descriptors, bytes);
  }

  /**
   * Relays what a listening socket accepts, until {@link #release}.
   *
   * @param owner whose budget it is
   */
  RelayedPort tcp(ServerSocketChannel server, InetSocketAddress to, String owner)
      throws IOException {
    TcpPort port = new TcpPort(shared, server, to, owner);
    shared.loop.register(
        server,
        SelectionKey.OP_ACCEPT,
        new Acceptor(
            shared.loop, "published port " + server.getLocalAddress(), notices, port::accepted));
    return port;
  }

  /** The same for packets; each client has a socket of its own. */
  RelayedPort udp(DatagramChannel socket, InetSocketAddress to, String owner) throws IOException {
    UdpPort port = new UdpPort(shared, socket, to, owner);
    shared.loop.register(socket, SelectionKey.OP_READ, port);
    return port;
  }

  /** Closes ports and what they relay; when it returns, they can be bound again. */
  void release(List<RelayedPort> ports) {
    if (!ports.isEmpty()) {
      shared.loop.release(() -> ports.forEach(RelayedPort::close));
    }
  }

  /** Call after the ports were released. */
  @Override
  public void close() {
    shared.close();
  }

  /** A listening socket with its connections; owned by the loop's thread. */
  private record TcpPort(
      RelayLoop shared,
      ServerSocketChannel server,
      InetSocketAddress to,
      String owner,
      Set<TcpConnection> connections)
      implements RelayedPort {
    TcpPort(RelayLoop shared, ServerSocketChannel server, InetSocketAddress to, String owner) {
      this(shared, server, to, owner, new LinkedHashSet<>());
    }

    void accepted(SocketChannel client) {
      if (!shared.serves(client.socket().getRemoteSocketAddress())) {
        EventLoop.close(client);
        return;
      }
      Consumer<TcpConnection> ended = connections::remove;
      TcpConnection.open(shared, client, to, owner, ended).ifPresent(connections::add);
    }

    @Override
    public void close() {
      EventLoop.close(server);
      List.copyOf(connections).forEach(TcpConnection::close);
    }
  }
}
