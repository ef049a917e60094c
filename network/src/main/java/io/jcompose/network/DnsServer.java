package io.jcompose.network;

import io.jcompose.core.JcomposeException;
import io.jcompose.network.NameTable.Asker;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The name server of all networks: a UDP and a TCP socket on each network's gateway, one thread. A
 * container that reaches no gateway of the engine has sockets inside its own namespace. Names of
 * containers are answered on that thread; questions for outside and TCP connections get a virtual
 * thread each. Owned by the network stack.
 */
final class DnsServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(DnsServer.class);

  /** Not 53, where the host's own server may listen on all addresses; below the ephemeral range. */
  private static final int FIRST_PORT = 10_053;

  private static final int PORT_STEP = 1000;
  private static final int PORT_TRIES = 20;
  private static final int TCP_CONNECTIONS = 256;
  private static final int TCP_IDLE_MILLIS = 10_000;

  private final Resolvers host;
  private final Repairs repairs;
  private final DnsForwarder forwarder = new DnsForwarder();
  private final Semaphore connections = new Semaphore(TCP_CONNECTIONS);
  private final Map<String, Sockets> sockets = new ConcurrentHashMap<>();
  private final Selector selector;

  DnsServer(Resolvers host, Repairs repairs) {
    this.host = host;
    this.repairs = repairs;
    try {
      selector = Selector.open();
    } catch (IOException e) {
      throw new UncheckedIOException("failed to open a selector", e);
    }
    Thread.ofPlatform().daemon().name("jcompose-dns").start(this::serve);
  }

  /** Opens sockets on a new network's gateway, on the first free port; {@link #start} follows. */
  Sockets bind(int gateway) {
    IOException last = new IOException("no port tried");
    for (int i = 0; i < PORT_TRIES; i++) {
      try {
        return Sockets.open(Ip4.inet(gateway), FIRST_PORT + i * PORT_STEP);
      } catch (IOException e) {
        last = e;
      }
    }
    throw new JcomposeException.Unavailable(
        "no free port for the name server on " + Ip4.format(gateway), last);
  }

  /** Serves a network by sockets that {@link #bind} opened. */
  void start(Network network, Sockets opened) {
    start(network.id(), opened, client -> asker(network, client));
  }

  /** Serves one container by sockets inside its namespace; {@link #stop(String)} follows. */
  void start(String containerId, Sockets opened, Asker asker) {
    start(containerId, opened, client -> asker);
  }

  private void start(String key, Sockets opened, Askers askers) {
    try {
      opened.udp.configureBlocking(false).register(selector, SelectionKey.OP_READ, askers);
      opened.tcp.configureBlocking(false).register(selector, SelectionKey.OP_ACCEPT, askers);
      sockets.put(key, opened);
      selector.wakeup();
    } catch (IOException e) {
      throw new UncheckedIOException("failed to serve names of " + key, e);
    }
  }

  /**
   * Serves a network from an earlier run of the engine, whose containers know the port. When
   * another process has it, it is tried until it is free.
   */
  void restart(Network network) {
    if (!opens(network)) {
      String holder = PortHolder.describe("udp", network.record().dnsPort());
      repairs.retry(
          key(network.id()),
          "containers on network "
              + network.name()
              + " resolve no names: port "
              + network.record().dnsPort()
              + " of "
              + Ip4.format(network.gateway())
              + " is taken"
              + (holder.isEmpty() ? "" : " (by " + holder + ")")
              + "; it is tried again until it is free",
          () -> opens(network));
    }
  }

  private boolean opens(Network network) {
    try {
      start(network, Sockets.open(Ip4.inet(network.gateway()), network.record().dnsPort()));
      return true;
    } catch (IOException e) {
      LOG.debug("name server of network {} cannot be bound", network.name(), e);
      return false;
    }
  }

  private static String key(String id) {
    return "name server of " + id;
  }

  /** Ends what {@link #start} began, by the id of the network or container. */
  void stop(String id) {
    repairs.cancel(key(id));
    Sockets open = sockets.remove(id);
    if (open != null) {
      open.close();
      // a closed channel gives its descriptor back only when the selector has seen it
      selector.wakeup();
    }
  }

  @Override
  public void close() {
    sockets.values().forEach(Sockets::close);
    sockets.clear();
    try {
      selector.close();
    } catch (IOException e) {
      LOG.debug("closing the selector failed", e);
    }
  }

  private void serve() {
    ByteBuffer in = ByteBuffer.allocateDirect(4096);
    while (selector.isOpen()) {
      try {
        selector.select(key -> serve(key, in));
      } catch (ClosedSelectorException e) {
        return;
      } catch (IOException | RuntimeException e) {
        LOG.warn("name server goes on after an error", e);
      }
    }
  }

  private void serve(SelectionKey key, ByteBuffer in) {
    try {
      Askers askers = (Askers) key.attachment();
      if (key.channel() instanceof DatagramChannel udp) {
        readUdp(udp, askers, in);
      } else if (key.channel() instanceof ServerSocketChannel server) {
        acceptTcp(server, askers);
      }
    } catch (java.nio.channels.CancelledKeyException | IOException e) {
      LOG.debug("a name server socket failed", e);
    }
  }

  private void readUdp(DatagramChannel channel, Askers askers, ByteBuffer in) throws IOException {
    // a bound on packets at once keeps one network from starving the others
    for (int i = 0; i < 64; i++) {
      in.clear();
      SocketAddress client = channel.receive(in);
      if (client == null) {
        return;
      }
      in.flip();
      Optional<DnsQuery> query = DnsQuery.parse(in);
      Asker asker = askers.of(client);
      if (query.isEmpty() || asker == null) {
        continue;
      }
      Optional<byte[]> answer = DnsAnswers.answer(query.get(), asker, false);
      if (answer.isPresent()) {
        channel.send(ByteBuffer.wrap(answer.get()), client);
      } else {
        byte[] packet = new byte[in.limit()];
        in.get(0, packet);
        Thread.startVirtualThread(
            () -> reply(channel, client, outside(query.get(), packet, asker, false)));
      }
    }
  }

  private static void reply(DatagramChannel channel, SocketAddress client, byte[] answer) {
    try {
      channel.send(ByteBuffer.wrap(answer), client);
    } catch (IOException e) {
      LOG.debug("an answer could not be sent to {}", client, e);
    }
  }

  private byte[] outside(DnsQuery query, byte[] packet, Asker asker, boolean tcp) {
    boolean address = query.type() == DnsQuery.TYPE_A || query.type() == DnsQuery.TYPE_AAAA;
    if (asker.keepsBareNames() && address && query.name().indexOf('.') < 0) {
      return query.empty(DnsQuery.NXDOMAIN);
    }
    if (!asker.dns().isEmpty()) {
      return forwarder
          .ask(packet, asker.dns(), asker.outlet(), tcp)
          .orElseGet(() -> query.empty(DnsQuery.SERVFAIL));
    }
    List<String> servers = asker.isInternal() ? List.of() : host.nameServers();
    return servers.isEmpty()
        ? DnsAnswers.unknown(query)
        : forwarder
            .ask(packet, servers, Outlet.HOST, tcp)
            .orElseGet(() -> query.empty(DnsQuery.SERVFAIL));
  }

  private void acceptTcp(ServerSocketChannel server, Askers askers) throws IOException {
    SocketChannel client = server.accept();
    if (client == null) {
      return;
    }
    Asker asker = askers.of(client.getRemoteAddress());
    if (asker == null || !connections.tryAcquire()) {
      client.close();
      return;
    }
    Thread.startVirtualThread(
        () -> {
          try (client) {
            converse(client, asker);
          } catch (EOFException | SocketTimeoutException e) {
            LOG.trace("a TCP client of the name server is done", e);
          } catch (IOException e) {
            LOG.debug("a TCP client of the name server failed", e);
          } finally {
            connections.release();
          }
        });
  }

  private void converse(SocketChannel client, Asker asker) throws IOException {
    client.configureBlocking(true);
    client.socket().setSoTimeout(TCP_IDLE_MILLIS);
    DataInputStream in = new DataInputStream(client.socket().getInputStream());
    while (true) {
      byte[] packet = new byte[in.readUnsignedShort()];
      in.readFully(packet);
      Optional<DnsQuery> query = DnsQuery.parse(ByteBuffer.wrap(packet));
      if (query.isEmpty()) {
        return;
      }
      byte[] answer =
          DnsAnswers.answer(query.get(), asker, true)
              .orElseGet(() -> outside(query.get(), packet, asker, true));
      ByteBuffer out = ByteBuffer.allocate(answer.length + 2);
      client.write(out.putShort((short) answer.length).put(answer).flip());
    }
  }

  private static @Nullable Asker asker(Network network, SocketAddress client) {
    return client instanceof InetSocketAddress inet && inet.getAddress() != null
        ? network.names().asker(Ip4.of(inet.getAddress().getAddress()))
        : null;
  }

  /** Finds who asks; null answers nothing. */
  private interface Askers {
    @Nullable Asker of(SocketAddress client);
  }

  /** A UDP and a TCP socket, on ports of their own. */
  record Sockets(DatagramChannel udp, ServerSocketChannel tcp, int udpPort, int tcpPort) {
    /**
     * Opens both in the network of the calling thread.
     *
     * @param port 0 lets the kernel choose
     */
    static Sockets open(InetAddress local, int port) throws IOException {
      InetSocketAddress address = new InetSocketAddress(local, port);
      DatagramChannel udp = DatagramChannel.open(java.net.StandardProtocolFamily.INET);
      try {
        udp.bind(address);
        ServerSocketChannel tcp = ServerSocketChannel.open(java.net.StandardProtocolFamily.INET);
        try {
          tcp.bind(address);
          return new Sockets(udp, tcp, udp.socket().getLocalPort(), tcp.socket().getLocalPort());
        } catch (IOException e) {
          tcp.close();
          throw e;
        }
      } catch (IOException e) {
        udp.close();
        throw e;
      }
    }

    void close() {
      try (udp;
          tcp) {
        LOG.trace("closing the name server on port {}", udpPort);
      } catch (IOException e) {
        LOG.debug("closing a name server socket failed", e);
      }
    }
  }
}
