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
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

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
   * @param given the namespace, empty but for lo; null for a new one
   * @param gateway index of the one with the default route, -1 for none
   * @param gateway6 the same for IPv6
   */
  Made make(@Nullable Path given, List<Joined> joined, int gateway, int gateway6) {
    boolean ipv6 = joined.stream().anyMatch(each -> each.address6() != null);
    NetworkNamespace.Made<Sockets> made =
        given == null
            ? NetworkNamespace.make(host, () -> inside(ipv6))
            : NetworkNamespace.enter(given.toString(), host, () -> inside(ipv6));
    try (Sockets sockets = made.inside()) {
      connect(made.namespace(), joined);
      adjust(made.namespace(), joined, ipv6);
      int nameServer = joined.isEmpty() ? -1 : Joined.nameServer(joined, gateway);
      configure(sockets.route, joined, gateway, gateway6, nameServer);
      DnsServer.Sockets own = null;
      if (nameServer >= 0) {
        Network network = joined.get(nameServer).network();
        int port = network.record().dnsPort();
        sockets.netfilter.request(redirection(network.gateway(), port, port, false));
      } else if (!joined.isEmpty()) {
        own = serveInside(made.namespace());
      }
      return new Made(made.namespace(), own);
    } catch (RuntimeException e) {
      made.namespace().close();
      throw e;
    }
  }

  /** Runs work in a container's namespace. */
  <T> T inside(NetworkNamespace namespace, Supplier<T> work) {
    return namespace.call(host, work);
  }

  /**
   * Sockets inside, for a container that reaches no gateway of the engine; questions to
   * 127.0.0.11:53 lead there.
   */
  DnsServer.Sockets serveInside(NetworkNamespace namespace) {
    return inside(
        namespace,
        () -> {
          try {
            DnsServer.Sockets own = DnsServer.Sockets.open(Ip4.inet(DNS_ADDRESS), 0);
            try (NetlinkSocket netfilter = NetlinkSocket.open(NetlinkSocket.NETFILTER)) {
              netfilter.request(redirection(DNS_ADDRESS, own.udpPort(), own.tcpPort(), true));
              return own;
            } catch (RuntimeException e) {
              own.close();
              throw e;
            }
          } catch (IOException e) {
            throw new UncheckedIOException("failed to open a name server in a container", e);
          }
        });
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

  /** What only files in /proc/sys can say of interfaces. */
  private void adjust(NetworkNamespace namespace, List<Joined> joined, boolean ipv6) {
    List<Sysctl> settings = new ArrayList<>();
    for (Joined each : joined) {
      String name = each.attachment().interfaceName();
      if (ipv6 && each.address6() == null) {
        // beside networks with IPv6, interfaces of those without have none
        settings.add(new Sysctl("ipv6/conf/" + name + "/disable_ipv6", "1"));
      }
      settings.addAll(EndpointSysctls.of(each.options(), name));
    }
    if (!settings.isEmpty()) {
      inside(
          namespace,
          () -> {
            settings.forEach(each -> sysctl(each.name(), each.value()));
            return true;
          });
    }
  }

  /** The host's side: all pairs in one go. */
  private static void connect(NetworkNamespace namespace, List<Joined> joined) {
    if (joined.isEmpty()) {
      return;
    }
    NetlinkBatch batch = new NetlinkBatch();
    try (NetlinkSocket socket = NetlinkSocket.open(NetlinkSocket.ROUTE)) {
      for (Joined each : joined) {
        if (each.network().isMacvlan()) {
          addMacvlan(batch, socket, each, namespace.fd());
        } else {
          addVeth(batch, each, namespace.fd());
        }
      }
      socket.request(batch);
      for (Joined each : joined) {
        if (each.options().ingressBits() > 0) {
          limit(socket, each.attachment().hostInterface(), each.options().ingressBits());
        }
      }
    }
  }

  private static void addVeth(NetlinkBatch batch, Joined joined, int namespaceFd) {
    Network network = joined.network();
    String hostName = joined.attachment().hostInterface();
    RtMessages.addVeth(batch, veth(joined, network.bridgeIndex()), namespaceFd);
    RtMessages.setPort(batch, hostName, !network.options().talkAmong());
  }

  private static void addMacvlan(
      NetlinkBatch batch, NetlinkSocket socket, Joined joined, int namespaceFd) {
    DriverOptions options = joined.network().options();
    int parent =
        HostLinks.index(socket, options.parent())
            .orElseThrow(
                () ->
                    new JcomposeException.NotFound(
                        "network "
                            + joined.network().name()
                            + ": the host has no interface "
                            + options.parent()
                            + " any more"));
    RtMessages.addMacvlan(batch, veth(joined, parent), options.macvlanMode(), namespaceFd);
  }

  private static Veth veth(Joined joined, int below) {
    SandboxRecord.Attachment attachment = joined.attachment();
    return new Veth(
        attachment.hostInterface(),
        below,
        attachment.interfaceName(),
        Mac.parse(attachment.macAddress()),
        joined.network().options().mtu());
  }

  private static void limit(NetlinkSocket socket, String name, long bits) {
    NetlinkBatch batch = new NetlinkBatch();
    HostLinks.index(socket, name)
        .ifPresent(index -> RtMessages.limit(batch, index, new RateLimit(bits)));
    socket.request(batch);
  }

  private static void configure(
      NetlinkSocket socket, List<Joined> joined, int gateway, int gateway6, int nameServer) {
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
      if (each.options().egressBits() > 0) {
        RtMessages.limit(batch, index, new RateLimit(each.options().egressBits()));
      }
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
    if (nameServer >= 0) {
      RtMessages.addLocalRoute(batch, DNS_ADDRESS, joined.get(nameServer).address());
    }
    socket.request(batch);
  }

  /**
   * Leads questions to 127.0.0.11:53 to a name server.
   *
   * @param again there may be rules already
   */
  private static NetlinkBatch redirection(int to, int udpPort, int tcpPort, boolean again) {
    NftBatch batch = new NftBatch();
    batch.table(NftBatch.IP, TABLE);
    if (again) {
      batch.deleteTable(NftBatch.IP, TABLE);
      batch.table(NftBatch.IP, TABLE);
    }
    batch.natChain(NftBatch.IP, TABLE, CHAIN, HOOK_OUTPUT, PRIORITY_DNAT);
    batch.dnatRule(TABLE, CHAIN, UDP, DNS_ADDRESS, DNS_PORT, to, udpPort);
    batch.dnatRule(TABLE, CHAIN, TCP, DNS_ADDRESS, DNS_PORT, to, tcpPort);
    return batch.finish();
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

  /**
   * A new namespace.
   *
   * @param nameServer the sockets inside, or null when a gateway is asked
   */
  record Made(NetworkNamespace namespace, DnsServer.@Nullable Sockets nameServer) {}

  /** A setting of /proc/sys/net. */
  record Sysctl(String name, String value) {}

  private record Sockets(NetlinkSocket route, NetlinkSocket netfilter) implements AutoCloseable {
    @Override
    public void close() {
      route.close();
      netfilter.close();
    }
  }
}
