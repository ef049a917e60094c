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

  /**
   * A namespace with these interfaces; empty gives one with only lo.
   *
   * @param gateway index of the one with the default route, -1 for none
   * @param gateway6 the same for IPv6
   */
  NetworkNamespace make(List<Joined> joined, int gateway, int gateway6) {
    boolean ipv6 = joined.stream().anyMatch(each -> each.address6() != null);
    NetworkNamespace.Made<Sockets> made = NetworkNamespace.make(host, () -> inside(ipv6));
    try (Sockets sockets = made.inside()) {
      connect(made.namespace(), joined);
      if (ipv6) {
        made.namespace().call(host, () -> withoutIpv6(joined));
      }
      configure(sockets.route, joined, gateway, gateway6);
      if (!joined.isEmpty()) {
        redirectDns(sockets.netfilter, joined.get(Math.max(0, gateway)).network());
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

  private static Sockets inside(boolean ipv6) {
    if (ipv6) {
      // addresses and routes are the engine's to give, and need no search for duplicates
      sysctl("ipv6/conf/default/disable_ipv6", "0");
      sysctl("ipv6/conf/all/disable_ipv6", "0");
      sysctl("ipv6/conf/default/accept_ra", "0");
      sysctl("ipv6/conf/default/accept_dad", "0");
    } else {
      // interfaces of IPv4 networks have no IPv6 at all; lo keeps ::1
      sysctl("ipv6/conf/default/disable_ipv6", "1");
    }
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

  /** Beside networks with IPv6, interfaces of those without have none. */
  private static boolean withoutIpv6(List<Joined> joined) {
    joined.stream()
        .filter(each -> each.address6() == null)
        .forEach(
            each ->
                sysctl("ipv6/conf/" + each.attachment().interfaceName() + "/disable_ipv6", "1"));
    return true;
  }

  /** The host's side: all pairs in one go. */
  private static void connect(NetworkNamespace namespace, List<Joined> joined) {
    if (joined.isEmpty()) {
      return;
    }
    NetlinkBatch batch = new NetlinkBatch();
    for (Joined each : joined) {
      Network network = each.network();
      String hostName = each.attachment().hostInterface();
      RtMessages.addVeth(
          batch,
          new Veth(
              hostName,
              network.bridgeIndex(),
              each.attachment().interfaceName(),
              Mac.parse(each.attachment().macAddress()),
              network.options().mtu()),
          namespace.fd());
      RtMessages.setPort(batch, hostName, !network.options().talkAmong());
    }
    try (NetlinkSocket socket = NetlinkSocket.open(NetlinkSocket.ROUTE)) {
      socket.request(batch);
    }
  }

  private static void configure(
      NetlinkSocket socket, List<Joined> joined, int gateway, int gateway6) {
    NetlinkBatch batch = new NetlinkBatch();
    RtMessages.raise(batch, LOOPBACK);
    for (int i = 0; i < joined.size(); i++) {
      Joined each = joined.get(i);
      Network network = each.network();
      String name = each.attachment().interfaceName();
      int index =
          HostLinks.index(socket, name)
              .orElseThrow(() -> new JcomposeException.Internal("interface " + name + " vanished"));
      RtMessages.raise(batch, index);
      RtMessages.addAddress(batch, index, each.address(), network.subnet().prefix());
      if (i == gateway) {
        RtMessages.addDefaultRoute(batch, index, network.gateway());
      }
      Network.Ipv6 ipv6 = network.ipv6();
      Ip6 address6 = each.address6();
      if (ipv6 != null && address6 != null) {
        RtMessages.addAddress(batch, index, address6, ipv6.subnet().prefix());
        if (i == gateway6) {
          RtMessages.addDefaultRoute(batch, index, ipv6.gateway());
        }
      }
    }
    if (!joined.isEmpty()) {
      RtMessages.addLocalRoute(batch, DNS_ADDRESS, joined.get(Math.max(0, gateway)).address());
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

  private record Sockets(NetlinkSocket route, NetlinkSocket netfilter) implements AutoCloseable {
    @Override
    public void close() {
      route.close();
      netfilter.close();
    }
  }
}
