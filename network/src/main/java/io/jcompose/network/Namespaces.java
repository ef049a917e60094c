package io.jcompose.network;

import io.jcompose.core.JcomposeException;
import io.jcompose.linux.NetlinkBatch;
import io.jcompose.linux.NetlinkSocket;
import io.jcompose.linux.NetworkNamespace;
import io.jcompose.network.RtMessages.Veth;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Makes containers' network namespaces and what is inside. Call on platform threads of the network
 * stack.
 */
final class Namespaces implements AutoCloseable {
  private static final int LOOPBACK = 1;
  private static final int DNS_ADDRESS = Ip4.parse("127.0.0.11");
  private static final int DNS_PORT = 53;
  private static final int HOOK_OUTPUT = 3;
  private static final int PRIORITY_DNAT = -100;
  private static final String TABLE = "jcompose-dns";
  private static final String CHAIN = "output";
  private static final int UDP = 17;
  private static final int TCP = 6;

  private final NetworkNamespace host = NetworkNamespace.current();

  /** A namespace with these interfaces; empty gives one with only lo. */
  NetworkNamespace make(List<Interface> interfaces, int gatewayIndex) {
    NetworkNamespace.Made<Sockets> made = NetworkNamespace.make(host, Namespaces::inside);
    try (Sockets sockets = made.inside()) {
      connect(made.namespace(), interfaces);
      configure(sockets.route, interfaces, gatewayIndex);
      if (!interfaces.isEmpty()) {
        redirectDns(sockets.netfilter, interfaces.get(Math.max(0, gatewayIndex)).network);
      }
      return made.namespace();
    } catch (RuntimeException e) {
      made.namespace().close();
      throw e;
    }
  }

  @Override
  public void close() {
    host.close();
  }

  private static Sockets inside() {
    // interfaces of IPv4 networks have no IPv6 at all; lo keeps ::1
    sysctl("ipv6/conf/default/disable_ipv6", "1");
    sysctl("ipv4/ip_unprivileged_port_start", "0");
    sysctl("ipv4/ping_group_range", "0 2147483647");
    NetlinkSocket route = NetlinkSocket.open(NetlinkSocket.ROUTE);
    try {
      return new Sockets(route, NetlinkSocket.open(NetlinkSocket.NETFILTER));
    } catch (RuntimeException e) {
      route.close();
      throw e;
    }
  }

  /** The host's side: all pairs in one go. */
  private static void connect(NetworkNamespace namespace, List<Interface> interfaces) {
    if (interfaces.isEmpty()) {
      return;
    }
    NetlinkBatch batch = new NetlinkBatch();
    for (Interface each : interfaces) {
      Network network = each.network;
      RtMessages.addVeth(
          batch,
          new Veth(
              each.hostName,
              network.bridgeIndex(),
              each.name,
              Mac.parse(each.mac),
              network.options().mtu()),
          namespace.fd());
      RtMessages.setPort(batch, each.hostName, !network.options().talkAmong());
    }
    try (NetlinkSocket socket = NetlinkSocket.open(NetlinkSocket.ROUTE)) {
      socket.request(batch);
    }
  }

  private static void configure(
      NetlinkSocket socket, List<Interface> interfaces, int gatewayIndex) {
    NetlinkBatch batch = new NetlinkBatch();
    RtMessages.raise(batch, LOOPBACK);
    for (int i = 0; i < interfaces.size(); i++) {
      Interface each = interfaces.get(i);
      int index =
          HostLinks.index(socket, each.name)
              .orElseThrow(
                  () -> new JcomposeException.Internal("interface " + each.name + " vanished"));
      RtMessages.raise(batch, index);
      RtMessages.addAddress(batch, index, each.address, each.network.subnet().prefix());
      if (i == gatewayIndex) {
        RtMessages.addDefaultRoute(batch, index, each.network.gateway());
      }
    }
    if (!interfaces.isEmpty()) {
      RtMessages.addLocalRoute(
          batch, DNS_ADDRESS, interfaces.get(Math.max(0, gatewayIndex)).address);
    }
    socket.request(batch);
  }

  /** Questions to 127.0.0.11:53 go to the name server on the gateway. */
  private static void redirectDns(NetlinkSocket socket, Network network) {
    NftBatch batch = new NftBatch();
    batch.table(NftBatch.IP, TABLE);
    batch.natChain(NftBatch.IP, TABLE, CHAIN, HOOK_OUTPUT, PRIORITY_DNAT);
    int port = network.record().dnsPort();
    batch.dnatRule(TABLE, CHAIN, UDP, DNS_ADDRESS, DNS_PORT, network.gateway(), port);
    batch.dnatRule(TABLE, CHAIN, TCP, DNS_ADDRESS, DNS_PORT, network.gateway(), port);
    socket.request(batch.finish());
  }

  private static void sysctl(String name, String value) {
    Path file = Path.of("/proc/sys/net", name);
    try {
      if (Files.exists(file)) {
        Files.write(file, value.getBytes(StandardCharsets.US_ASCII));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("failed to set sysctl " + file, e);
    }
  }

  /** An interface to be: where it belongs and what it is called. */
  record Interface(Network network, String hostName, String name, int address, String mac) {}

  private record Sockets(NetlinkSocket route, NetlinkSocket netfilter) implements AutoCloseable {
    @Override
    public void close() {
      route.close();
      netfilter.close();
    }
  }
}
