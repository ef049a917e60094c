package io.jcompose.network;

import io.jcompose.core.JcomposeException;
import io.jcompose.linux.KernelException;
import io.jcompose.linux.NetlinkBatch;
import io.jcompose.linux.NetlinkMessage;
import io.jcompose.linux.NetlinkSocket;
import io.jcompose.network.SubnetChoice.Ranges;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import jnr.constants.platform.Errno;

/** The host's interfaces and routes by rtnetlink. Stateless; call on platform threads. */
final class HostLinks {
  private static final int RTA_DST = 1;
  private static final int AF_INET6 = 10;

  /** Every bridge's, as Docker's. */
  private static final Ip6 LINK_LOCAL = Ip6.parse("fe80::1");

  private HostLinks() {}

  /** Makes a network's bridge, or completes one that is there; returns its index. */
  static int addBridge(Network network, String owner) {
    String name = network.bridge();
    try (NetlinkSocket socket = NetlinkSocket.open(NetlinkSocket.ROUTE)) {
      // one batch: a bridge without its owner's mark would outlive an engine that dies here
      NetlinkBatch create = new NetlinkBatch();
      byte[] mac = Mac.parse(Mac.of(network.gateway()));
      RtMessages.addBridge(create, name, mac, network.options().mtu());
      RtMessages.raiseBridge(create, name, owner);
      try {
        socket.request(create);
      } catch (KernelException e) {
        if (!e.is(Errno.EEXIST)) {
          throw e;
        }
      }
      int index =
          index(socket, name)
              .orElseThrow(() -> new JcomposeException.Internal("bridge " + name + " vanished"));
      NetlinkBatch setUp = new NetlinkBatch();
      if (network.options().mode4() != GatewayMode.ISOLATED) {
        RtMessages.addAddress(setUp, index, network.gateway(), network.subnet().prefix());
      }
      Network.Ipv6 ipv6 = network.ipv6();
      if (ipv6 != null && network.options().mode6() != GatewayMode.ISOLATED) {
        Ip6Host.enable(name);
        RtMessages.addAddress(setUp, index, ipv6.gateway(), ipv6.subnet().prefix());
        RtMessages.addAddress(setUp, index, LINK_LOCAL, 64);
      }
      socket.request(setUp);
      return index;
    }
  }

  /** Deleting what is gone succeeds. */
  static void delete(String name) {
    try (NetlinkSocket socket = NetlinkSocket.open(NetlinkSocket.ROUTE)) {
      NetlinkBatch batch = new NetlinkBatch();
      RtMessages.deleteLink(batch, name);
      socket.request(batch);
    } catch (KernelException e) {
      if (!e.is(Errno.ENODEV)) {
        throw e;
      }
    }
  }

  /** Cuts ports off their bridge; what is gone is cut off. */
  static void disable(List<String> hostNames) {
    try (NetlinkSocket socket = NetlinkSocket.open(NetlinkSocket.ROUTE)) {
      for (String name : hostNames) {
        NetlinkBatch batch = new NetlinkBatch();
        RtMessages.disablePort(batch, name);
        try {
          socket.request(batch);
        } catch (KernelException e) {
          if (!e.is(Errno.ENODEV)) {
            throw e;
          }
        }
      }
    }
  }

  static Optional<Integer> index(String name) {
    try (NetlinkSocket socket = NetlinkSocket.open(NetlinkSocket.ROUTE)) {
      return index(socket, name);
    }
  }

  static Optional<Integer> index(NetlinkSocket socket, String name) {
    NetlinkBatch batch = new NetlinkBatch();
    RtMessages.getLink(batch, name);
    try {
      return socket.request(batch).stream().findFirst().map(RtMessages::linkIndex);
    } catch (KernelException e) {
      if (e.is(Errno.ENODEV)) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** Every interface of the host. */
  static List<Link> links() {
    try (NetlinkSocket socket = NetlinkSocket.open(NetlinkSocket.ROUTE)) {
      List<Link> links = new ArrayList<>();
      for (NetlinkMessage message : socket.dump(RtMessages.dumpLinks())) {
        Map<Integer, byte[]> attributes = RtMessages.linkAttributes(message);
        byte[] master = attributes.get(RtMessages.IFLA_MASTER);
        links.add(
            new Link(
                RtMessages.linkIndex(message),
                text(attributes.get(RtMessages.IFLA_IFNAME)),
                text(attributes.get(RtMessages.IFLA_IFALIAS)),
                master == null ? 0 : NetlinkMessage.u32(master)));
      }
      return links;
    }
  }

  /** Where the host has routes to, in every table, but for the default ones. */
  static Ranges routes() {
    try (NetlinkSocket socket = NetlinkSocket.open(NetlinkSocket.ROUTE)) {
      List<Subnet> ipv4 = new ArrayList<>();
      List<Subnet6> ipv6 = new ArrayList<>();
      for (NetlinkMessage message : socket.dump(RtMessages.dumpRoutes())) {
        int prefix = message.u8(1);
        byte[] destination = message.attributes(12).get(RTA_DST);
        if (destination == null || prefix == 0) {
          continue;
        }
        if (message.u8(0) == AF_INET6) {
          ipv6.add(new Subnet6(Ip6.of(destination), prefix));
        } else if (destination.length == 4) {
          ipv4.add(new Subnet(Ip4.of(destination), prefix));
        }
      }
      return new Ranges(ipv4, ipv6);
    }
  }

  private static String text(byte @org.jspecify.annotations.Nullable [] value) {
    return value == null ? "" : NetlinkMessage.text(value);
  }

  /**
   * An interface.
   *
   * @param alias empty when it has none
   * @param master index of its bridge, or 0
   */
  record Link(int index, String name, String alias, int master) {}
}
