package io.jcompose.network;

import java.io.IOException;
import java.net.BindException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.channels.Channel;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The sockets that hold a published port on the host, and relay what reaches them. Ports on all
 * addresses of both families have one socket. Owned by a reservation.
 */
final class PortSocket implements AutoCloseable {
  /** Holds nothing. */
  static final PortSocket NONE = new PortSocket(List.of(), List.of(), 0);

  private static final Logger LOG = LoggerFactory.getLogger(PortSocket.class);
  private static final int BACKLOG = 512;
  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(2);

  private final List<Channel> channels;
  private final List<Thread> relays;
  private final int port;

  private PortSocket(List<Channel> channels, List<Thread> relays, int port) {
    this.channels = channels;
    this.relays = relays;
    this.port = port;
  }

  /**
   * Binds the port on each address and starts to relay.
   *
   * @param port 0 lets the kernel choose
   * @throws BindException when an address is taken or not of this host
   */
  static PortSocket open(
      List<String> addresses, int port, String protocol, InetAddress target, int targetPort)
      throws IOException {
    if (protocol.equals("sctp")) {
      if (port == 0) {
        throw new BindException("a host port must be given for sctp");
      }
      return NONE;
    }
    List<Channel> channels = new ArrayList<>();
    List<Thread> relays = new ArrayList<>();
    PortSocket result = null;
    try {
      int bound = port;
      for (InetAddress address : distinct(addresses)) {
        InetSocketAddress to = new InetSocketAddress(target, targetPort);
        InetSocketAddress local = new InetSocketAddress(address, bound);
        bound =
            protocol.equals("udp")
                ? openUdp(channels, relays, local, to)
                : openTcp(channels, relays, local, to);
      }
      result = new PortSocket(List.copyOf(channels), List.copyOf(relays), bound);
      return result;
    } finally {
      if (result == null) {
        new PortSocket(channels, relays, 0).close();
      }
    }
  }

  /** The port that is held. */
  int port() {
    return port;
  }

  /**
   * Gives the port back. A channel that a thread waits on is closed for good only when that thread
   * has left it; until then nobody could bind the port, not even the container's next start.
   */
  @Override
  public void close() {
    closeChannels();
    try {
      for (Thread relay : relays) {
        if (!relay.join(CLOSE_LIMIT)) {
          LOG.warn("port {} is not given back yet", port);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void closeChannels() {
    for (Channel channel : channels) {
      try {
        channel.close();
      } catch (IOException e) {
        LOG.debug("closing the socket of port {} failed", port, e);
      }
    }
  }

  /** A socket on {@code ::} has {@code 0.0.0.0} as well. */
  private static List<InetAddress> distinct(List<String> addresses) {
    if (addresses.contains("0.0.0.0") && addresses.contains("::") && hasIpv6()) {
      return List.of(InetAddress.ofLiteral("::"));
    }
    return addresses.stream()
        .map(InetAddress::ofLiteral)
        .filter(address -> hasIpv6() || address instanceof Inet4Address)
        .toList();
  }

  private static boolean hasIpv6() {
    return java.nio.file.Files.exists(java.nio.file.Path.of("/proc/net/if_inet6"));
  }

  private static int openTcp(
      List<Channel> channels, List<Thread> relays, InetSocketAddress local, InetSocketAddress to)
      throws IOException {
    ServerSocketChannel server = ServerSocketChannel.open(family(local));
    channels.add(server);
    server.bind(local, BACKLOG);
    relays.add(Thread.startVirtualThread(() -> Relay.tcp(server, to)));
    return server.socket().getLocalPort();
  }

  private static int openUdp(
      List<Channel> channels, List<Thread> relays, InetSocketAddress local, InetSocketAddress to)
      throws IOException {
    DatagramChannel socket = DatagramChannel.open(family(local));
    channels.add(socket);
    socket.bind(local);
    relays.add(Thread.startVirtualThread(() -> Relay.udp(socket, to)));
    return socket.socket().getLocalPort();
  }

  private static StandardProtocolFamily family(InetSocketAddress local) {
    return local.getAddress() instanceof Inet4Address
        ? StandardProtocolFamily.INET
        : StandardProtocolFamily.INET6;
  }
}
