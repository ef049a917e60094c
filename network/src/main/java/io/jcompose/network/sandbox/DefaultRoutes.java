package io.jcompose.network.sandbox;

import io.jcompose.core.JcomposeException;
import io.jcompose.linux.KernelException;
import io.jcompose.linux.netlink.NetlinkBatch;
import io.jcompose.linux.netlink.NetlinkSocket;
import io.jcompose.network.driver.Segment;
import io.jcompose.network.link.HostLinks;
import io.jcompose.network.link.RtMessages;
import jnr.constants.platform.Errno;
import org.jspecify.annotations.Nullable;

/**
 * The default routes in a container's namespace, by the sockets of a thread that is there.
 *
 * @param four the endpoint that gives the one of IPv4; null leaves it as it is
 * @param six the same of IPv6
 */
record DefaultRoutes(@Nullable Endpoint four, @Nullable Endpoint six) {
  /** Those that come into the place of others. */
  static DefaultRoutes between(Joined from, Joined to) {
    Endpoint four = to.gateway();
    Endpoint six = to.gateway6();
    return new DefaultRoutes(
        four == null || four.equals(from.gateway()) ? null : four,
        six == null || six.equals(from.gateway6()) ? null : six);
  }

  static DefaultRoutes of(Joined joined) {
    return new DefaultRoutes(joined.gateway(), joined.gateway6());
  }

  boolean isEmpty() {
    return four == null && six == null;
  }

  /** Adds those by an endpoint to the batch which makes its interface. */
  void add(NetlinkBatch batch, Endpoint endpoint, int index) {
    if (endpoint.equals(four)) {
      add4(batch, endpoint, index, false);
    }
    if (endpoint.equals(six)) {
      add6(batch, endpoint, index, false);
    }
  }

  /** Puts them into the place of those that there may be. */
  void replace(NetlinkSocket socket) {
    NetlinkBatch batch = new NetlinkBatch();
    if (four != null) {
      add4(batch, four, index(socket, four), true);
    }
    if (six != null) {
      add6(batch, six, index(socket, six), true);
    }
    if (!isEmpty()) {
      socket.request(batch);
    }
  }

  /** Adds those of which there are none. */
  void restore(NetlinkSocket socket) {
    if (four != null) {
      NetlinkBatch batch = new NetlinkBatch();
      add4(batch, four, index(socket, four), false);
      requestUnlessThere(socket, batch);
    }
    if (six != null) {
      NetlinkBatch batch = new NetlinkBatch();
      add6(batch, six, index(socket, six), false);
      requestUnlessThere(socket, batch);
    }
  }

  private static void requestUnlessThere(NetlinkSocket socket, NetlinkBatch batch) {
    try {
      socket.request(batch);
    } catch (KernelException e) {
      if (!e.is(Errno.EEXIST)) {
        throw e;
      }
    }
  }

  private static void add4(NetlinkBatch batch, Endpoint endpoint, int index, boolean instead) {
    RtMessages.addDefaultRoute(batch, index, endpoint.network().gateway(), instead);
  }

  private static void add6(NetlinkBatch batch, Endpoint endpoint, int index, boolean instead) {
    Segment.Ipv6 ipv6 = endpoint.network().ipv6();
    if (ipv6 != null) {
      RtMessages.addDefaultRoute(batch, index, ipv6.gateway(), instead);
    }
  }

  /** The number of an endpoint's interface in the namespace. */
  static int index(NetlinkSocket socket, Endpoint endpoint) {
    String name = endpoint.record().interfaceName();
    return HostLinks.index(socket, name)
        .orElseThrow(() -> new JcomposeException.Internal("interface " + name + " vanished"));
  }
}
