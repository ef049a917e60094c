package io.jcompose.network.link;

import io.jcompose.linux.KernelException;
import io.jcompose.linux.netlink.NetlinkBatch;
import io.jcompose.linux.netlink.NetlinkMessage;
import io.jcompose.linux.netlink.NetlinkSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import jnr.constants.platform.Errno;
import org.jspecify.annotations.Nullable;

/** The host's interfaces and routes by rtnetlink. Stateless; call on platform threads. */
public final class HostLinks {
  private HostLinks() {}

  /** Deletes an interface of this owner; one of another program stays, what is gone is deleted. */
  public static void delete(String name, String owner) {
    try (NetlinkSocket socket = NetlinkSocket.open(NetlinkSocket.ROUTE)) {
      find(socket, name)
          .filter(link -> link.alias().equals(owner))
          .ifPresent(link -> delete(socket, link));
    }
  }

  /** Deletes this very interface. */
  public static void delete(Link link) {
    try (NetlinkSocket socket = NetlinkSocket.open(NetlinkSocket.ROUTE)) {
      delete(socket, link);
    }
  }

  private static void delete(NetlinkSocket socket, Link link) {
    NetlinkBatch batch = new NetlinkBatch();
    RtMessages.deleteLink(batch, link.index(), link.name());
    try {
      socket.request(batch);
    } catch (KernelException e) {
      if (!e.is(Errno.ENODEV)) {
        throw e;
      }
    }
  }

  /**
   * Puts a container's interface back on its bridge.
   *
   * @param isolated from the bridge's other ports
   */
  public static void enslave(String hostName, int bridge, boolean isolated, String owner) {
    try (NetlinkSocket socket = NetlinkSocket.open(NetlinkSocket.ROUTE)) {
      NetlinkBatch batch = new NetlinkBatch();
      RtMessages.enslave(batch, hostName, bridge);
      RtMessages.raisePort(batch, hostName, owner, isolated);
      socket.request(batch);
    }
  }

  /** Cuts ports off their bridge; what is gone, or on none, is cut off. */
  public static void disable(List<String> hostNames) {
    try (NetlinkSocket socket = NetlinkSocket.open(NetlinkSocket.ROUTE)) {
      for (String name : hostNames) {
        NetlinkBatch batch = new NetlinkBatch();
        RtMessages.disablePort(batch, name);
        try {
          socket.request(batch);
        } catch (KernelException e) {
          if (!e.is(Errno.ENODEV) && !e.is(Errno.EOPNOTSUPP)) {
            throw e;
          }
        }
      }
    }
  }

  public static Optional<Integer> index(String name) {
    return find(name).map(Link::index);
  }

  public static Optional<Integer> index(NetlinkSocket socket, String name) {
    return find(socket, name).map(Link::index);
  }

  public static Optional<Link> find(String name) {
    try (NetlinkSocket socket = NetlinkSocket.open(NetlinkSocket.ROUTE)) {
      return find(socket, name);
    }
  }

  public static Optional<Link> find(NetlinkSocket socket, String name) {
    NetlinkBatch batch = new NetlinkBatch();
    RtMessages.getLink(batch, name);
    try {
      return socket.request(batch).stream().findFirst().map(Link::of);
    } catch (KernelException e) {
      if (e.is(Errno.ENODEV)) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** Every interface of the host. */
  public static List<Link> links() {
    try (NetlinkSocket socket = NetlinkSocket.open(NetlinkSocket.ROUTE)) {
      List<Link> links = new ArrayList<>();
      for (NetlinkMessage message : socket.dump(RtMessages.dumpLinks())) {
        links.add(Link.of(message));
      }
      return links;
    }
  }

  /**
   * An interface.
   *
   * @param alias empty when it has none
   * @param kind such as bridge or veth, empty for a machine's own
   * @param master index of its bridge, or 0
   * @param up set up, whether there is a carrier or not
   * @param tunnel has only one other end
   */
  public record Link(
      int index, String name, String alias, String kind, int master, boolean up, boolean tunnel) {
    private static final int POINT_TO_POINT = 0x10;

    public static Link of(NetlinkMessage message) {
      byte[] master = RtMessages.linkAttribute(message, RtMessages.IFLA_MASTER);
      return new Link(
          RtMessages.linkIndex(message),
          text(RtMessages.linkAttribute(message, RtMessages.IFLA_IFNAME)),
          text(RtMessages.linkAttribute(message, RtMessages.IFLA_IFALIAS)),
          RtMessages.linkKind(message),
          master == null ? 0 : NetlinkMessage.u32(master),
          RtMessages.isUp(message),
          (message.u32(8) & POINT_TO_POINT) != 0);
    }

    public boolean isBridgeOf(String owner) {
      return kind.equals("bridge") && alias.equals(owner);
    }

    private static String text(byte @Nullable [] value) {
      return value == null ? "" : NetlinkMessage.text(value);
    }
  }
}
