package io.jcompose.network;

import io.jcompose.linux.KernelException;
import io.jcompose.linux.NetlinkBatch;
import io.jcompose.linux.NetlinkSocket;
import java.net.Inet4Address;
import java.net.InetAddress;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The kernel's table of connections (linux/netfilter/nfnetlink_conntrack.h). A translated UDP flow
 * would otherwise go on to an address whose container has gone.
 */
final class Conntrack {
  private static final Logger LOG = LoggerFactory.getLogger(Conntrack.class);
  private static final int DELETE = 1 << 8 | 2;
  private static final int AF_INET = 2;
  private static final int AF_INET6 = 10;
  private static final int IPV4_SRC = 1;
  private static final int IPV6_SRC = 3;
  private static final int TUPLE_REPLY = 2;
  private static final int FILTER = 25;
  private static final int FILTER_REPLY_FLAGS = 2;
  private static final int FILTER_ORIG_FLAGS = 1;
  private static final int MATCH_IP_SRC = 1;

  private Conntrack() {}

  /** Forgets the connections that an address answers. Kernels before 6.7 cannot; they keep them. */
  static void forget(InetAddress address) {
    boolean ipv4 = address instanceof Inet4Address;
    NetlinkBatch batch = new NetlinkBatch();
    batch.begin(DELETE, NetlinkBatch.ACK, "forget connections to " + address.getHostAddress());
    batch.u8(ipv4 ? AF_INET : AF_INET6).u8(0).be16(0);
    int tuple = batch.nest(TUPLE_REPLY);
    int ip = batch.nest(1);
    batch.attr(ipv4 ? IPV4_SRC : IPV6_SRC, address.getAddress()).endNest(ip).endNest(tuple);
    int filter = batch.nest(FILTER);
    batch.attr32(FILTER_ORIG_FLAGS, 0).attr32(FILTER_REPLY_FLAGS, MATCH_IP_SRC).endNest(filter);
    batch.end();
    try (NetlinkSocket socket = NetlinkSocket.open(NetlinkSocket.NETFILTER)) {
      socket.request(batch);
    } catch (KernelException e) {
      LOG.debug("connections to {} stay until they time out", address.getHostAddress(), e);
    }
  }
}
