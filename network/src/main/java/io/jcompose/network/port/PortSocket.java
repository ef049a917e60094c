package io.jcompose.network.port;

import io.jcompose.network.thread.EventLoop;
import java.io.IOException;
import java.net.BindException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The sockets that hold a published port on the host, and relay what reaches them. Ports on all
 * addresses of both families have one socket. Owned by a reservation.
 */
final class PortSocket implements AutoCloseable {
  /** Holds nothing. */
  static final PortSocket NONE = new PortSocket(null, List.of(), 0);

  private static final int BACKLOG = 512;

  private final @Nullable Relays relays;
  private final List<RelayedPort> ports;
  private final int port;

  private PortSocket(@Nullable Relays relays, List<RelayedPort> ports, int port) {
    this.relays = relays;
    this.ports = ports;
    this.port = port;
  }

  /**
   * Binds the port on each address and starts to relay.
   *
   * @param port 0 lets the kernel choose
   * @throws BindException when an address is taken or not of this host
   */
  static PortSocket open(
      Relays relays, List<String> addresses, int port, String protocol, Destination to)
      throws IOException {
    if (protocol.equals("sctp")) {
      if (port == 0) {
        throw new BindException("a host port must be given for sctp");
      }
      return NONE;
    }
    List<RelayedPort> ports = new ArrayList<>();
    PortSocket result = null;
    try {
      int bound = port;
      for (InetAddress address : distinct(addresses)) {
        InetSocketAddress local = new InetSocketAddress(address, bound);
        bound =
            protocol.equals("udp")
                ? openUdp(relays, ports, local, to)
                : openTcp(relays, ports, local, to);
      }
      result = new PortSocket(relays, List.copyOf(ports), bound);
      return result;
    } finally {
      if (result == null) {
        relays.release(ports);
      }
    }
  }

  /** The port that is held. */
  int port() {
    return port;
  }

  /** Gives the port back: when it returns, anybody can bind it. */
  @Override
  public void close() {
    if (relays != null) {
      relays.release(ports);
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
    return Files.exists(Path.of("/proc/net/if_inet6"));
  }

  private static int openTcp(
      Relays relays, List<RelayedPort> ports, InetSocketAddress local, Destination to)
      throws IOException {
    ServerSocketChannel server = ServerSocketChannel.open(family(local));
    try {
      server.bind(local, BACKLOG);
      ports.add(relays.tcp(server, to.address, to.owner));
      return server.socket().getLocalPort();
    } catch (IOException e) {
      EventLoop.close(server);
      throw e;
    }
  }

  private static int openUdp(
      Relays relays, List<RelayedPort> ports, InetSocketAddress local, Destination to)
      throws IOException {
    DatagramChannel socket = DatagramChannel.open(family(local));
    try {
      socket.bind(local);
      ports.add(relays.udp(socket, to.address, to.owner));
      return ((InetSocketAddress) socket.getLocalAddress()).getPort();
    } catch (IOException e) {
      EventLoop.close(socket);
      throw e;
    }
  }

  private static StandardProtocolFamily family(InetSocketAddress local) {
    return local.getAddress() instanceof Inet4Address
        ? StandardProtocolFamily.INET
        : StandardProtocolFamily.INET6;
  }

  /**
   * Where a port leads to.
   *
   * @param owner the container, whose budget is used
   */
  record Destination(InetSocketAddress address, String owner) {}
}
