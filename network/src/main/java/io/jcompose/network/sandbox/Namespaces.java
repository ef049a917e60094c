package io.jcompose.network.sandbox;

import io.jcompose.linux.netlink.NetlinkBatch;
import io.jcompose.linux.netlink.NetlinkSocket;
import io.jcompose.linux.netlink.NetworkNamespace;
import io.jcompose.network.address.Ip6;
import io.jcompose.network.address.Mac;
import io.jcompose.network.catalog.Network;
import io.jcompose.network.dns.ChannelFactory;
import io.jcompose.network.dns.DnsSockets;
import io.jcompose.network.dns.NameRules;
import io.jcompose.network.driver.NewInterface;
import io.jcompose.network.driver.Segment;
import io.jcompose.network.link.HostLinks;
import io.jcompose.network.link.HostLinks.Link;
import io.jcompose.network.link.Ip6Host;
import io.jcompose.network.link.RateLimit;
import io.jcompose.network.link.RtMessages;
import io.jcompose.network.thread.KernelThreads;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Makes containers' network namespaces and what is inside. Call on platform threads of the network
 * stack.
 */
public final class Namespaces implements AutoCloseable {
  private static final int LOOPBACK = 1;
  private static final String MACVLAN = "macvlan";
  private final NetworkNamespace host = NetworkNamespace.current();
  private final String owner;

  /**
   * Held where interfaces are made and set up, which the kernel does one at a time. A thread that
   * writes disable_ipv6 meanwhile does not sleep until it may: the kernel lets it try again and
   * again (rtnl_trylock and restart_syscall in net/ipv6/addrconf.c).
   */
  private final ReentrantLock links = new ReentrantLock();

  /** Opens sockets for questions of containers; none of that waits on a lock of the kernel's. */
  private final KernelThreads opening = new KernelThreads("jcompose-dns-inside-", 1);

  /**
   * @param owner marks the host's interfaces
   */
  public Namespaces(String owner) {
    this.owner = owner;
    useSockets();
  }

  /**
   * The JDK makes a pair of sockets for itself when it first makes any, and keeps it. Made inside a
   * container's namespace, it would keep that alive until the engine's end.
   */
  private static void useSockets() {
    try {
      DatagramChannel.open(StandardProtocolFamily.INET).close();
      ServerSocketChannel.open(StandardProtocolFamily.INET).close();
    } catch (IOException e) {
      throw new UncheckedIOException("failed to open a socket", e);
    }
  }

  /**
   * A namespace with these interfaces; empty gives one with only lo.
   *
   * @param given the namespace, empty but for lo; null for a new one
   * @param names with a name server
   */
  Made make(@Nullable Path given, Joined joined, boolean names) {
    List<Endpoint> endpoints = joined.endpoints();
    boolean ipv6 = endpoints.stream().anyMatch(each -> each.address6() != null);
    NetworkNamespace.Made<Inside> made =
        given == null
            ? NetworkNamespace.make(host, () -> Inside.of(ipv6, names))
            : NetworkNamespace.enter(given.toString(), host, () -> Inside.of(ipv6, names));
    try (Inside inside = made.inside()) {
      links.lock();
      try {
        connect(made.namespace(), endpoints, false);
        adjust(made.namespace(), settings(endpoints, ipv6));
        configure(inside.route, joined);
      } finally {
        links.unlock();
      }
      return new Made(made.namespace(), inside.keepNames());
    } catch (RuntimeException e) {
      made.namespace().close();
      throw e;
    }
  }

  /**
   * Makes one more interface in a namespace that is in use; the default routes stay. Part of it may
   * be there after a failure.
   */
  void add(NetworkNamespace namespace, Endpoint endpoint) {
    links.lock();
    try {
      connect(namespace, List.of(endpoint), true);
      adjust(namespace, settings(endpoint));
      routing(namespace, socket -> configure(socket, new Joined(List.of(endpoint), Gateways.NONE)));
    } finally {
      links.unlock();
    }
  }

  /**
   * Deletes an endpoint's interface, with its addresses and routes; what is gone is deleted. A
   * container that may rename its interfaces does not keep one by it: where the name is gone, all
   * go that are of its kind and no other endpoint's.
   *
   * @param others the names of the other endpoints' interfaces
   */
  void delete(NetworkNamespace namespace, Endpoint endpoint, Set<String> others) {
    if (endpoint.hasHostInterface()) {
      HostLinks.find(endpoint.record().hostInterface()).ifPresent(HostLinks::delete);
    } else {
      String name = endpoint.record().interfaceName();
      inside(
          namespace,
          () -> {
            List<Link> own =
                HostLinks.links().stream()
                    .filter(link -> link.kind().equals(MACVLAN) && !others.contains(link.name()))
                    .toList();
            boolean named = own.stream().anyMatch(link -> link.name().equals(name));
            own.stream()
                .filter(link -> !named || link.name().equals(name))
                .forEach(HostLinks::delete);
            return true;
          });
    }
  }

  /** The names of all interfaces in a namespace. */
  Set<String> interfaces(NetworkNamespace namespace) {
    return inside(
        namespace,
        () -> HostLinks.links().stream().map(Link::name).collect(Collectors.toUnmodifiableSet()));
  }

  /** Runs work on the interfaces and routes of a namespace. */
  void routing(NetworkNamespace namespace, Consumer<NetlinkSocket> work) {
    inside(
        namespace,
        () -> {
          try (NetlinkSocket socket = NetlinkSocket.open(NetlinkSocket.ROUTE)) {
            work.accept(socket);
          }
          return true;
        });
  }

  /** Runs work in a container's namespace. */
  <T> T inside(NetworkNamespace namespace, Supplier<T> work) {
    return namespace.call(host, work);
  }

  /** Where questions of a container to name servers of its own leave from. */
  ChannelFactory channels(NetworkNamespace namespace) {
    return new NamespaceChannels(namespace, host, opening);
  }

  /** Sockets of a name server inside a namespace from an earlier run of the engine. */
  public DnsSockets serveInside(NetworkNamespace namespace) {
    return inside(namespace, () -> NameRules.serve(true));
  }

  /**
   * Deletes macvlan interfaces of the engine's that none of these endpoints has: a crash may have
   * come between the record of a change and the change.
   */
  Swept sweep(NetworkNamespace namespace, Joined joined) {
    Set<String> kept =
        joined.endpoints().stream()
            .map(each -> each.record().interfaceName())
            .collect(Collectors.toSet());
    return inside(
        namespace,
        () -> {
          List<Link> others =
              HostLinks.links().stream().filter(link -> !kept.contains(link.name())).toList();
          List<Link> gone =
              others.stream()
                  .filter(link -> link.kind().equals("macvlan") && link.alias().equals(owner))
                  .toList();
          gone.forEach(HostLinks::delete);
          return new Swept(
              !gone.isEmpty(), others.stream().anyMatch(link -> link.kind().equals("veth")));
        });
  }

  /** Deletes macvlan interfaces, which have no end on the host that could be cut off. */
  void deleteInside(NetworkNamespace namespace, List<String> names) {
    inside(
        namespace,
        () -> {
          names.stream()
              .map(HostLinks::find)
              .flatMap(Optional::stream)
              .filter(link -> link.kind().equals(MACVLAN))
              .forEach(HostLinks::delete);
          return true;
        });
  }

  @Override
  public void close() {
    opening.close();
    host.close();
  }

  /** What only files in /proc/sys can say of interfaces, in a new namespace. */
  private static List<Sysctl> settings(List<Endpoint> joined, boolean ipv6) {
    List<Sysctl> settings = new ArrayList<>();
    for (Endpoint each : joined) {
      String name = each.record().interfaceName();
      if (ipv6 && each.address6() == null) {
        // beside networks with IPv6, interfaces of those without have none
        settings.add(new Sysctl("ipv6/conf/" + name + "/disable_ipv6", "1"));
      }
      settings.addAll(EndpointSysctls.of(each.options(), name));
    }
    return settings;
  }

  /** The same in one that is in use, whose defaults for interfaces may be either. */
  private static List<Sysctl> settings(Endpoint added) {
    List<Sysctl> settings = new ArrayList<>();
    String name = added.record().interfaceName();
    String conf = "ipv6/conf/" + name + "/";
    if (added.address6() == null) {
      settings.add(new Sysctl(conf + "disable_ipv6", "1"));
    } else {
      settings.add(new Sysctl(conf + "accept_ra", "0"));
      settings.add(new Sysctl(conf + "accept_dad", "0"));
      settings.add(new Sysctl(conf + "disable_ipv6", "0"));
    }
    settings.addAll(EndpointSysctls.of(added.options(), name));
    return settings;
  }

  private void adjust(NetworkNamespace namespace, List<Sysctl> settings) {
    if (!settings.isEmpty()) {
      inside(
          namespace,
          () -> {
            Sysctl.write(settings);
            return true;
          });
    }
  }

  /**
   * The host's side: all pairs in one go.
   *
   * @param used the namespace lives on if the engine dies here, so that they are marked at once
   */
  private void connect(NetworkNamespace namespace, List<Endpoint> joined, boolean used) {
    if (joined.isEmpty()) {
      return;
    }
    NetlinkBatch making = new NetlinkBatch();
    NetlinkBatch raising = new NetlinkBatch();
    try (NetlinkSocket socket = NetlinkSocket.open(NetlinkSocket.ROUTE)) {
      for (Endpoint each : joined) {
        NewInterface made = made(each, namespace);
        each.network().driver().connect(making, socket, made);
        if (used && each.hasHostInterface()) {
          RtMessages.mark(making, made.hostName(), owner);
        }
        each.network().driver().raise(raising, made);
      }
      socket.request(making);
      for (Endpoint each : joined) {
        if (each.hasHostInterface()) {
          // a port hands all to its bridge, but may lose it
          Ip6Host.guard(each.record().hostInterface(), false);
        }
      }
      socket.request(raising);
      for (Endpoint each : joined) {
        if (each.options().ingressBits() > 0) {
          limit(socket, each.record().hostInterface(), each.options().ingressBits());
        }
      }
    }
  }

  private NewInterface made(Endpoint endpoint, NetworkNamespace namespace) {
    return new NewInterface(
        endpoint.network().name(),
        endpoint.record().hostInterface(),
        endpoint.network().bridgeIndex(),
        endpoint.record().interfaceName(),
        Mac.parse(endpoint.record().macAddress()),
        namespace.fd(),
        owner);
  }

  private static void limit(NetlinkSocket socket, String name, long bits) {
    NetlinkBatch batch = new NetlinkBatch();
    HostLinks.index(socket, name)
        .ifPresent(index -> RtMessages.limit(batch, index, new RateLimit(bits)));
    socket.request(batch);
  }

  private void configure(NetlinkSocket socket, Joined joined) {
    NetlinkBatch batch = new NetlinkBatch();
    DefaultRoutes routes = DefaultRoutes.of(joined);
    for (Endpoint each : joined.endpoints()) {
      Network network = each.network();
      int index = DefaultRoutes.index(socket, each);
      if (!each.hasHostInterface()) {
        // before it has an address: an engine's next start knows it by that
        RtMessages.mark(batch, each.record().interfaceName(), owner);
      }
      RtMessages.raise(batch, index);
      RtMessages.addAddress(batch, index, each.address(), network.subnet().prefix());
      if (each.options().egressBits() > 0) {
        RtMessages.limit(batch, index, new RateLimit(each.options().egressBits()));
      }
      Segment.Ipv6 ipv6 = network.ipv6();
      Ip6 address6 = each.address6();
      if (ipv6 != null && address6 != null) {
        RtMessages.addAddress(batch, index, address6, ipv6.subnet().prefix());
      }
      routes.add(batch, each, index);
    }
    if (!joined.isEmpty()) {
      socket.request(batch);
    }
  }

  /**
   * What there was beside the endpoints.
   *
   * @param any something was deleted
   * @param mayHaveMore veth interfaces, of which the host's side shows whether they are to go
   */
  record Swept(boolean any, boolean mayHaveMore) {}

  /**
   * A new namespace.
   *
   * @param nameServer the sockets inside, or null without a network
   */
  record Made(NetworkNamespace namespace, @Nullable DnsSockets nameServer) {}

  /** What is made from within a namespace, before it has interfaces but lo. */
  private static final class Inside implements AutoCloseable {
    private final NetlinkSocket route = NetlinkSocket.open(NetlinkSocket.ROUTE);
    private @Nullable DnsSockets names;

    static Inside of(boolean ipv6, boolean names) {
      Sysctl.write(settings(ipv6));
      Inside inside = new Inside();
      try {
        NetlinkBatch batch = new NetlinkBatch();
        RtMessages.raise(batch, LOOPBACK);
        inside.route.request(batch);
        inside.names = names ? NameRules.serve(false) : null;
        return inside;
      } catch (RuntimeException e) {
        inside.close();
        throw e;
      }
    }

    private static List<Sysctl> settings(boolean ipv6) {
      List<Sysctl> settings = new ArrayList<>();
      if (ipv6) {
        // addresses and routes are the engine's to give, and need no search for duplicates
        settings.add(new Sysctl("ipv6/conf/default/disable_ipv6", "0"));
        settings.add(new Sysctl("ipv6/conf/all/disable_ipv6", "0"));
        settings.add(new Sysctl("ipv6/conf/default/accept_ra", "0"));
        settings.add(new Sysctl("ipv6/conf/default/accept_dad", "0"));
      } else {
        // interfaces of IPv4 networks have no IPv6 at all; lo keeps ::1
        settings.add(new Sysctl("ipv6/conf/default/disable_ipv6", "1"));
      }
      settings.add(new Sysctl("ipv4/ip_unprivileged_port_start", "0"));
      settings.add(new Sysctl("ipv4/ping_group_range", "0 2147483647"));
      return settings;
    }

    /** The name server's sockets, which stay open. */
    @Nullable DnsSockets keepNames() {
      DnsSockets kept = names;
      names = null;
      return kept;
    }

    @Override
    public void close() {
      route.close();
      if (names != null) {
        names.close();
      }
    }
  }
}
