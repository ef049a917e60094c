package io.jcompose.network.ipam;

import io.jcompose.core.JcomposeException;
import io.jcompose.linux.netlink.NetlinkMessage;
import io.jcompose.linux.netlink.NetlinkSocket;
import io.jcompose.network.AddressPool;
import io.jcompose.network.address.AddressRange;
import io.jcompose.network.address.Ip4;
import io.jcompose.network.address.Ip6;
import io.jcompose.network.address.Subnet;
import io.jcompose.network.address.Subnet6;
import io.jcompose.network.link.HostLinks;
import io.jcompose.network.link.HostLinks.Link;
import io.jcompose.network.link.RtMessages;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the host reaches and containers should not take the place of: its routes in every table, but
 * for those to everywhere, and its name servers. Immutable.
 */
public record HostRoutes(List<Route<Integer>> ipv4, List<Route<Ip6>> ipv6) {
  private static final Logger LOG = LoggerFactory.getLogger(HostRoutes.class);

  public static final HostRoutes NONE = new HostRoutes(List.of(), List.of());

  private static final int AF_INET6 = 10;
  private static final int HEADER = 12;
  private static final int RTA_DST = 1;
  private static final int RTA_OIF = 4;
  private static final int RTA_GATEWAY = 5;
  private static final int RTA_TABLE = 15;

  /** Gateway of the same family, several of them, gateway of another family. */
  private static final Set<Integer> ONWARD = Set.of(RTA_GATEWAY, 9, 18);

  /** Blackhole, unreachable, prohibit, throw (linux/rtnetlink.h). */
  private static final Set<Integer> NOWHERE = Set.of(6, 7, 8, 9);

  private static final int PROTOCOL_KERNEL = 2;
  private static final int TABLE_MAIN = 254;
  private static final int TABLE_LOCAL = 255;

  /** Halves of everything: how VPNs take the default route without deleting the old one. */
  private static final int EVERYWHERE4 = 1;

  private static final int EVERYWHERE6 = 3;

  /** Of each family. */
  private static final int MAX_ROUTES = 10_000;

  public HostRoutes {
    ipv4 = List.copyOf(ipv4);
    ipv6 = List.copyOf(ipv6);
  }

  /**
   * Asks the kernel; on a platform thread. Only what lies where networks may be is kept: a router
   * may have the whole internet's table.
   *
   * @param nameServers the host's
   * @param pools where networks without a subnet of their own get theirs from
   * @param local the same of IPv6
   */
  static HostRoutes read(List<String> nameServers, List<AddressPool> pools, Subnet6 local) {
    // a list that is read while interfaces come may have one twice
    Map<Integer, Link> links =
        HostLinks.links().stream()
            .collect(Collectors.toMap(Link::index, Function.identity(), (_, last) -> last));
    List<Subnet> ranges = pools.stream().map(AddressPool::range).toList();
    List<Route<Integer>> ipv4 = new ArrayList<>();
    List<Route<Ip6>> ipv6 = new ArrayList<>();
    try (NetlinkSocket socket = NetlinkSocket.open(NetlinkSocket.ROUTE)) {
      socket.dump(
          RtMessages.dumpRoutes(),
          message -> {
            int prefix = message.u8(1);
            byte[] destination = message.attributes(HEADER).get(RTA_DST);
            if (destination == null) {
              return;
            }
            if (message.u8(0) == AF_INET6) {
              Subnet6 to = new Subnet6(Ip6.of(destination), prefix);
              if (prefix > EVERYWHERE6 && to.meets(local)) {
                add(ipv6, route(to, message, links));
              }
            } else if (destination.length == 4) {
              Subnet to = new Subnet(Ip4.of(destination), prefix);
              if (prefix > EVERYWHERE4 && ranges.stream().anyMatch(to::meets)) {
                add(ipv4, route(to, message, links));
              }
            }
          });
    }
    addServers(nameServers, ipv4, ipv6);
    return new HostRoutes(ipv4, ipv6);
  }

  private static void addServers(
      List<String> nameServers, List<Route<Integer>> ipv4, List<Route<Ip6>> ipv6) {
    for (String server : nameServers) {
      try {
        if (server.indexOf(':') < 0) {
          ipv4.add(nameServer(new Subnet(Ip4.parse(server), 32)));
        } else {
          ipv6.add(nameServer(new Subnet6(Ip6.parse(server), 128)));
        }
      } catch (JcomposeException.InvalidArgument e) {
        LOG.debug("{} is no address that a network could take", server, e);
      }
    }
  }

  private static <A> void add(List<Route<A>> routes, Route<A> route) {
    if (routes.size() == MAX_ROUTES) {
      throw new JcomposeException.Unavailable(
          "failed to choose a subnet: this host has more than "
              + MAX_ROUTES
              + " routes inside of the engine's address pools; give the network a subnet");
    }
    routes.add(route);
  }

  private static <A> Route<A> nameServer(AddressRange<A> address) {
    return new Route<>(
        address, false, "name server " + address.format(address.lowest()) + " of this host");
  }

  private static <A> Route<A> route(
      AddressRange<A> to, NetlinkMessage message, Map<Integer, Link> links) {
    Map<Integer, byte[]> attributes = message.attributes(HEADER);
    byte[] index = attributes.get(RTA_OIF);
    Link link = index == null ? null : links.get(NetlinkMessage.u32(index));
    boolean tunnel = link != null && link.tunnel() && message.u8(5) != PROTOCOL_KERNEL;
    boolean onward =
        tunnel
            || NOWHERE.contains(message.u8(7))
            || ONWARD.stream().anyMatch(attributes::containsKey);
    StringBuilder text = new StringBuilder("route ").append(to);
    byte[] gateway = attributes.get(RTA_GATEWAY);
    if (gateway != null) {
      text.append(" via ")
          .append(gateway.length == 4 ? Ip4.format(Ip4.of(gateway)) : Ip6.of(gateway).toString());
    }
    if (link != null) {
      text.append(" dev ").append(link.name());
    }
    byte[] table = attributes.get(RTA_TABLE);
    int number = table == null ? message.u8(4) : NetlinkMessage.u32(table);
    if (number != TABLE_MAIN && number != TABLE_LOCAL) {
      text.append(" table ").append(Integer.toUnsignedString(number));
    }
    return new Route<>(to, onward, text.toString());
  }

  /**
   * What the host has at some addresses.
   *
   * @param onward what is there is far away, behind a gateway or a tunnel; else at the host itself
   * @param text for a person, as {@code ip route} writes it
   */
  record Route<A>(AddressRange<A> to, boolean onward, String text) {
    /**
     * A network inside may take its part of the addresses: its own route is the more specific one,
     * and wide routes by a gateway stand for all that may be there.
     */
    boolean leavesRoomFor(AddressRange<A> subnet) {
      return onward && to.prefix() < subnet.prefix() && to.holds(subnet.lowest());
    }
  }
}
