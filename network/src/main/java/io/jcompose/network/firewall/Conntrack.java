package io.jcompose.network.firewall;

import io.jcompose.linux.KernelException;
import io.jcompose.linux.netlink.NetlinkBatch;
import io.jcompose.linux.netlink.NetlinkMessage;
import io.jcompose.linux.netlink.NetlinkSocket;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import jnr.constants.platform.Errno;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The kernel's table of connections (linux/netfilter/nfnetlink_conntrack.h). A UDP flow keeps the
 * way that its first packet took for as long as packets come: to a container that has gone, to the
 * host's own port when it began before the container was there, or out by an address that nobody
 * can answer when it began while the rules were missing. A TCP connection that nobody closed leads
 * whoever reuses its ports to whoever has its address for days. Entries are listed and deleted one
 * by one: deleting by what they have in common needs Linux 6.7. On platform threads.
 */
public final class Conntrack {
  private static final Logger LOG = LoggerFactory.getLogger(Conntrack.class);
  private static final int GET = 1 << 8 | 1;
  private static final int DELETE = 1 << 8 | 2;
  private static final int HEADER = 4;
  private static final int AF_INET = 2;
  private static final int AF_INET6 = 10;
  private static final int TUPLE_ORIGINAL = 1;
  private static final int TUPLE_REPLY = 2;
  private static final int ZONE = 18;
  private static final int NESTED = 0x8000;
  private static final int UDP = 17;
  private static final int TUPLE_IP = 1;
  private static final int TUPLE_PROTOCOL = 2;
  private static final int IP_V4_SOURCE = 1;
  private static final int IP_V6_SOURCE = 3;
  private static final int PROTOCOL_NUMBER = 1;
  private static final int FILTER = 25;
  private static final int FILTER_REPLY_FLAGS = 2;

  /** Bits of {@link #FILTER_REPLY_FLAGS} (net/netfilter/nf_internals.h). */
  private static final int FILTER_SOURCE = 1;

  private static final int FILTER_PROTOCOL = 1 << 3;

  private Conntrack() {}

  /** Forgets the flows that an address answers. */
  public static void forget(InetAddress address) {
    byte[] bytes = address.getAddress();
    boolean ipv4 = bytes.length == 4;
    NetlinkBatch list = list(ipv4 ? AF_INET : AF_INET6);
    filter(
        list,
        FILTER_SOURCE,
        () -> {
          int ip = list.nest(TUPLE_IP);
          list.attr(ipv4 ? IP_V4_SOURCE : IP_V6_SOURCE, bytes).endNest(ip);
        });
    forget(list, ipv4 ? AF_INET : AF_INET6, flow -> Arrays.equals(flow.reply.source, bytes));
  }

  /**
   * Forgets the UDP flows that began before they were translated.
   *
   * @param now what is translated from now on
   */
  static void forgetUntranslated(Translations now) {
    if (now.isEmpty()) {
      return;
    }
    Set<InetAddress> addresses = new HashSet<>();
    Predicate<Flow> stale =
        flow ->
            flow.original.protocol == UDP
                && ((flow.isInbound(now) && isOwn(flow.asked(), addresses))
                    || (flow.isOutbound(now) && !isOwn(flow.asked(), addresses)));
    for (int family : new int[] {AF_INET, AF_INET6}) {
      NetlinkBatch list = list(family);
      filter(
          list,
          FILTER_PROTOCOL,
          () -> {
            int protocol = list.nest(TUPLE_PROTOCOL);
            list.attr8(PROTOCOL_NUMBER, UDP).endNest(protocol);
          });
      forget(list, family, stale);
    }
  }

  /**
   * @param known the host's addresses; filled when they are asked for first
   */
  private static boolean isOwn(InetAddress address, Set<InetAddress> known) {
    try {
      if (known.isEmpty()) {
        NetworkInterface.networkInterfaces()
            .flatMap(NetworkInterface::inetAddresses)
            .forEach(known::add);
      }
    } catch (SocketException e) {
      LOG.debug("the host's addresses cannot be listed", e);
    }
    return address.isLoopbackAddress() || known.contains(address);
  }

  private static NetlinkBatch list(int family) {
    NetlinkBatch list = new NetlinkBatch();
    list.begin(GET, NetlinkBatch.DUMP, "list connections");
    return list.u8(family).u8(0).be16(0);
  }

  /**
   * Has the kernel leave the others out (from Linux 5.8 on; before, it gives all): a busy router
   * has hundred thousands.
   */
  private static void filter(NetlinkBatch list, int flags, Runnable tuple) {
    int reply = list.nest(TUPLE_REPLY);
    tuple.run();
    list.endNest(reply);
    int filter = list.nest(FILTER);
    list.attr32(FILTER_REPLY_FLAGS, flags).endNest(filter).end();
  }

  private static void forget(NetlinkBatch list, int family, Predicate<Flow> which) {
    try (NetlinkSocket listing = NetlinkSocket.open(NetlinkSocket.NETFILTER);
        NetlinkSocket deleting = NetlinkSocket.open(NetlinkSocket.NETFILTER)) {
      listing.dump(
          list,
          message -> {
            Map<Integer, byte[]> attributes = message.attributes(HEADER);
            Flow flow = Flow.of(attributes);
            if (flow != null && which.test(flow)) {
              delete(deleting, family, attributes);
            }
          });
    } catch (KernelException e) {
      LOG.warn("flows to where containers were may go on until they time out", e);
    }
  }

  private static void delete(NetlinkSocket socket, int family, Map<Integer, byte[]> attributes) {
    NetlinkBatch batch = new NetlinkBatch();
    batch.begin(DELETE, NetlinkBatch.ACK, "forget a connection");
    batch.u8(family).u8(0).be16(0);
    batch.attr(TUPLE_ORIGINAL | NESTED, attributes.getOrDefault(TUPLE_ORIGINAL, new byte[0]));
    byte[] zone = attributes.get(ZONE);
    if (zone != null) {
      batch.attr(ZONE, zone);
    }
    try {
      socket.request(batch.end());
    } catch (KernelException e) {
      if (!e.is(Errno.ENOENT)) {
        throw e;
      }
    }
  }

  /** What a packet carries; ports are 0 where the protocol has none. */
  @SuppressWarnings("ArrayRecordComponent") // never compared as a whole
  private record Tuple(byte[] source, byte[] destination, int protocol, int destinationPort) {
    static @Nullable Tuple of(byte @Nullable [] attribute) {
      if (attribute == null) {
        return null;
      }
      Map<Integer, byte[]> parts = NetlinkMessage.nested(attribute);
      Map<Integer, byte[]> ip = NetlinkMessage.nested(parts.getOrDefault(1, new byte[0]));
      Map<Integer, byte[]> proto = NetlinkMessage.nested(parts.getOrDefault(2, new byte[0]));
      byte[] source = ip.getOrDefault(1, ip.get(3));
      byte[] destination = ip.getOrDefault(2, ip.get(4));
      byte[] number = proto.get(1);
      byte[] port = proto.getOrDefault(3, new byte[2]);
      return source == null || destination == null || number == null
          ? null
          : new Tuple(source, destination, number[0] & 255, (port[0] & 255) << 8 | (port[1] & 255));
    }
  }

  /** Both ways of a flow. */
  private record Flow(Tuple original, Tuple reply) {
    static @Nullable Flow of(Map<Integer, byte[]> attributes) {
      Tuple original = Tuple.of(attributes.get(TUPLE_ORIGINAL));
      Tuple reply = Tuple.of(attributes.get(TUPLE_REPLY));
      return original == null || reply == null ? null : new Flow(original, reply);
    }

    /** To a port that is led on, but not by it. */
    private boolean isInbound(Translations now) {
      return now.ports().contains(original.destinationPort)
          && Arrays.equals(original.destination, reply.source);
    }

    /** Of a container, by its own address. */
    private boolean isOutbound(Translations now) {
      return Arrays.equals(original.source, reply.destination)
          && now.hides(original.source, original.destination);
    }

    private InetAddress asked() {
      try {
        return InetAddress.getByAddress(original.destination);
      } catch (UnknownHostException e) {
        throw new IllegalStateException("the kernel gives whole addresses", e);
      }
    }
  }
}
