package io.jcompose.network.link;

import io.jcompose.linux.netlink.NetlinkBatch;
import io.jcompose.linux.netlink.NetlinkMessage;
import io.jcompose.network.address.Ip4;
import io.jcompose.network.address.Ip6;
import io.jcompose.network.address.Subnet;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * The rtnetlink messages used here (man 7 rtnetlink; linux/if_link.h, rtnetlink.h). Each method
 * adds one message to a batch.
 */
public final class RtMessages {
  static final int IFINFO_BYTES = 16;
  static final int IFLA_ADDRESS = 1;
  static final int IFLA_IFNAME = 3;
  static final int IFLA_MTU = 4;
  static final int IFLA_MASTER = 10;
  static final int IFLA_IFALIAS = 20;

  private static final int NEWLINK = 16;
  private static final int DELLINK = 17;
  private static final int GETLINK = 18;
  private static final int NEWADDR = 20;
  private static final int NEWROUTE = 24;
  private static final int GETROUTE = 26;
  private static final int NEWQDISC = 36;
  private static final int QDISC_ROOT = -1;
  private static final int LINKLAYER_ETHERNET = 1;
  private static final int TBF_PARMS = 1;
  private static final int TBF_RATE64 = 4;
  private static final int TBF_BURST = 6;
  private static final int MACVLAN_MODE = 1;
  private static final int IFLA_LINK = 5;
  private static final int IFLA_LINKINFO = 18;
  private static final int IFLA_AF_SPEC = 26;
  private static final int IFLA_NET_NS_FD = 28;
  private static final int INFO_KIND = 1;
  private static final int INFO_DATA = 2;
  private static final int INFO_SLAVE_KIND = 4;
  private static final int INFO_SLAVE_DATA = 5;
  private static final int VETH_INFO_PEER = 1;
  private static final int BRPORT_STATE = 1;
  private static final int BRPORT_HAIRPIN = 4;
  private static final int BRPORT_LEARNING = 8;
  private static final int BRPORT_UNICAST_FLOOD = 9;
  private static final int BRPORT_FLUSH = 24;
  private static final int BRPORT_MCAST_FLOOD = 27;
  private static final int BRPORT_BCAST_FLOOD = 30;
  private static final int BRPORT_ISOLATED = 33;
  private static final int BRPORT_LOCKED = 39;
  private static final int AF_INET = 2;
  private static final int AF_INET6 = 10;
  private static final int INET_CONF = 1;
  private static final int CONF_ACCEPT_REDIRECTS = 4;
  private static final int CONF_ACCEPT_SOURCE_ROUTE = 9;
  private static final int CONF_ROUTE_LOCALNET = 26;
  private static final int INET6_ADDR_GEN_MODE = 8;
  private static final int ADDR_GEN_NONE = 1;
  private static final int UP = 1;
  private static final int ACK = NetlinkBatch.ACK;
  private static final int MAKE = ACK | NetlinkBatch.CREATE | NetlinkBatch.EXCL;
  private static final int INSTEAD = ACK | NetlinkBatch.CREATE | NetlinkBatch.REPLACE;
  private static final int TABLE_MAIN = 254;
  private static final int PROTO_STATIC = 4;
  private static final int ADDRESS_NODAD = 2;

  private RtMessages() {}

  /** A bridge, still down. Its fixed address keeps it from following its ports'. */
  public static void addBridge(NetlinkBatch batch, String name, byte[] mac, int mtu) {
    batch.begin(NEWLINK, MAKE, "create bridge " + name);
    ifinfo(batch, 0, 0).attr(IFLA_IFNAME, name).attr(IFLA_ADDRESS, mac);
    if (mtu > 0) {
      batch.attr32(IFLA_MTU, mtu);
    }
    int info = batch.nest(IFLA_LINKINFO);
    batch.attr(INFO_KIND, "bridge").endNest(info).end();
  }

  /**
   * Marks a bridge's owner, and lets packets from the host's 127.0.0.1 leave by it
   * (route_localnet); no IPv6 address of its own, and no routes that containers tell of.
   *
   * @param ipv6 the kernel has IPv6; one without (ipv6.disable=1) refuses all for a word of it
   */
  public static void markBridge(NetlinkBatch batch, String name, String alias, boolean ipv6) {
    batch.begin(NEWLINK, ACK, "set up bridge " + name);
    ifinfo(batch, 0, 0).attr(IFLA_IFNAME, name).attr(IFLA_IFALIAS, alias);
    int spec = batch.nest(IFLA_AF_SPEC);
    int inet = batch.nest(AF_INET);
    int conf = batch.nest(INET_CONF);
    batch.attr32(CONF_ACCEPT_REDIRECTS, 0).attr32(CONF_ACCEPT_SOURCE_ROUTE, 0);
    batch.attr32(CONF_ROUTE_LOCALNET, 1).endNest(conf).endNest(inet);
    if (ipv6) {
      int inet6 = batch.nest(AF_INET6);
      batch.attr8(INET6_ADDR_GEN_MODE, ADDR_GEN_NONE).endNest(inet6);
    }
    batch.endNest(spec).end();
  }

  /**
   * A veth pair, one end at a bridge, the other in a namespace; both are down.
   *
   * @param bridge its interface index
   */
  public static void addVeth(NetlinkBatch batch, Veth veth, int bridge, int namespaceFd) {
    batch.begin(NEWLINK, MAKE, "create interface " + veth.hostName());
    ifinfo(batch, 0, 0).attr(IFLA_IFNAME, veth.hostName()).attr32(IFLA_MASTER, bridge);
    mtu(batch, veth);
    int info = batch.nest(IFLA_LINKINFO);
    batch.attr(INFO_KIND, "veth");
    int data = batch.nest(INFO_DATA);
    int peer = batch.nest(VETH_INFO_PEER);
    ifinfo(batch, 0, 0).attr(IFLA_IFNAME, veth.name()).attr(IFLA_ADDRESS, veth.mac());
    mtu(batch, veth);
    batch.attr32(IFLA_NET_NS_FD, namespaceFd);
    batch.endNest(peer).endNest(data).endNest(info).end();
  }

  /**
   * An interface of its own on a host's interface, made inside a namespace; down.
   *
   * @param parent the index of the host's interface
   */
  public static void addMacvlan(
      NetlinkBatch batch, Veth link, int parent, int mode, int namespaceFd) {
    batch.begin(NEWLINK, MAKE, "create macvlan interface " + link.name());
    ifinfo(batch, 0, 0).attr(IFLA_IFNAME, link.name()).attr(IFLA_ADDRESS, link.mac());
    batch.attr32(IFLA_LINK, parent);
    mtu(batch, link);
    batch.attr32(IFLA_NET_NS_FD, namespaceFd);
    int info = batch.nest(IFLA_LINKINFO);
    batch.attr(INFO_KIND, "macvlan");
    int data = batch.nest(INFO_DATA);
    batch.attr32(MACVLAN_MODE, mode).endNest(data).endNest(info).end();
  }

  /** Holds what an interface sends to a rate (linux/pkt_sched.h, tc_tbf_qopt). */
  public static void limit(NetlinkBatch batch, int index, RateLimit limit) {
    batch.begin(
        NEWQDISC,
        ACK | NetlinkBatch.CREATE | NetlinkBatch.REPLACE,
        "limit interface " + index + " to " + limit.bits() + " bit/s");
    batch.u8(0).u8(0).u16(0).u32(index).u32(0).u32(QDISC_ROOT).u32(0).attr(1, "tbf");
    long rate = limit.bytesPerSecond();
    int shown = (int) Math.min(rate, 0xffff_ffffL);
    int options = batch.nest(2);
    ByteBuffer parameters = ByteBuffer.allocate(36).order(ByteOrder.nativeOrder());
    parameters.put((byte) 0).put((byte) LINKLAYER_ETHERNET).position(8);
    parameters.putInt(shown).position(24);
    parameters.putInt(limit.queueBytes());
    batch.attr(TBF_PARMS, parameters.array());
    byte[] rate64 = ByteBuffer.allocate(8).order(ByteOrder.nativeOrder()).putLong(rate).array();
    batch.attr(TBF_RATE64, rate64).attr32(TBF_BURST, limit.burstBytes());
    batch.endNest(options).end();
  }

  /**
   * Marks the owner of a bridge's port, lets it send back where a packet came from (a container at
   * its own published port), and sets it up.
   */
  public static void raisePort(
      NetlinkBatch batch, String hostName, String alias, boolean isolated) {
    port(
        batch,
        hostName,
        UP,
        alias,
        () -> {
          batch.attr8(BRPORT_HAIRPIN, 1);
          if (isolated) {
            batch.attr8(BRPORT_ISOLATED, 1);
          }
        });
  }

  /** Marks the owner of an interface that is to be in a namespace with others. */
  public static void mark(NetlinkBatch batch, String name, String alias) {
    batch.begin(NEWLINK, ACK, "mark interface " + name);
    ifinfo(batch, 0, 0).attr(IFLA_IFNAME, name).attr(IFLA_IFALIAS, alias).end();
  }

  /** Puts an interface on a bridge. */
  static void enslave(NetlinkBatch batch, String hostName, int bridge) {
    batch.begin(NEWLINK, ACK, "put interface " + hostName + " on its bridge");
    ifinfo(batch, 0, 0).attr(IFLA_IFNAME, hostName).attr32(IFLA_MASTER, bridge).end();
  }

  /**
   * Cuts a port off at once, for good, and forgets what was learnt there. The kernel enables a
   * disabled port again at the next change of its carrier, so nothing is sent to it or, from Linux
   * 5.18 on, taken from it either.
   */
  static void disablePort(NetlinkBatch batch, String hostName) {
    port(
        batch,
        hostName,
        0,
        "",
        () ->
            batch
                .attr8(BRPORT_LEARNING, 0)
                .attr8(BRPORT_UNICAST_FLOOD, 0)
                .attr8(BRPORT_MCAST_FLOOD, 0)
                .attr8(BRPORT_BCAST_FLOOD, 0)
                .attr8(BRPORT_LOCKED, 1)
                .attr(BRPORT_FLUSH, new byte[0])
                .attr8(BRPORT_STATE, 0));
  }

  public static void raise(NetlinkBatch batch, int index) {
    batch.begin(NEWLINK, ACK, "set up interface " + index);
    ifinfo(batch, index, UP).end();
  }

  static void deleteLink(NetlinkBatch batch, int index, String name) {
    batch.begin(DELLINK, ACK, "delete interface " + name);
    ifinfo(batch, index, 0).end();
  }

  static void getLink(NetlinkBatch batch, String name) {
    batch.begin(GETLINK, 0, "find interface " + name);
    ifinfo(batch, 0, 0).attr(IFLA_IFNAME, name).end();
  }

  static NetlinkBatch dumpLinks() {
    NetlinkBatch batch = new NetlinkBatch();
    batch.begin(GETLINK, NetlinkBatch.DUMP, "list interfaces");
    return ifinfo(batch, 0, 0).end();
  }

  public static void addAddress(NetlinkBatch batch, int index, int address, int prefix) {
    batch.begin(
        NEWADDR,
        ACK | NetlinkBatch.CREATE | NetlinkBatch.REPLACE,
        "add address " + Ip4.format(address));
    batch.u8(AF_INET).u8(prefix).u8(0).u8(0).u32(index);
    batch.attr(2, Ip4.bytes(address)).attr(1, Ip4.bytes(address));
    if (prefix < 31) {
      batch.attr(4, Ip4.bytes(new Subnet(address, prefix).last()));
    }
    batch.end();
  }

  /**
   * @param instead of the one that there may be, which else is an error
   */
  public static void addDefaultRoute(NetlinkBatch batch, int index, int gateway, boolean instead) {
    batch.begin(NEWROUTE, instead ? INSTEAD : MAKE, "add default route by " + Ip4.format(gateway));
    batch.u8(AF_INET).u8(0).u8(0).u8(0).u8(TABLE_MAIN).u8(PROTO_STATIC).u8(0).u8(1).u32(0);
    batch.attr(5, Ip4.bytes(gateway)).attr32(4, index).end();
  }

  /** Usable at once: nobody else has an address that the engine gives. */
  public static void addAddress(NetlinkBatch batch, int index, Ip6 address, int prefix) {
    batch.begin(
        NEWADDR, ACK | NetlinkBatch.CREATE | NetlinkBatch.REPLACE, "add address " + address);
    batch.u8(AF_INET6).u8(prefix).u8(ADDRESS_NODAD).u8(0).u32(index);
    batch.attr(2, address.bytes()).attr(1, address.bytes()).end();
  }

  public static void addDefaultRoute(NetlinkBatch batch, int index, Ip6 gateway, boolean instead) {
    batch.begin(NEWROUTE, instead ? INSTEAD : MAKE, "add default route by " + gateway);
    batch.u8(AF_INET6).u8(0).u8(0).u8(0).u8(TABLE_MAIN).u8(PROTO_STATIC).u8(0).u8(1).u32(0);
    batch.attr(5, gateway.bytes()).attr32(4, index).end();
  }

  /** Of both families. */
  public static NetlinkBatch dumpRoutes() {
    NetlinkBatch batch = new NetlinkBatch();
    batch.begin(GETROUTE, NetlinkBatch.DUMP, "list routes");
    return batch.u8(0).u8(0).u8(0).u8(0).u8(0).u8(0).u8(0).u8(0).u32(0).end();
  }

  /** The index in an answer to {@link #getLink}. */
  static int linkIndex(NetlinkMessage message) {
    return message.u32(4);
  }

  /** Null without it. */
  static byte @Nullable [] linkAttribute(NetlinkMessage message, int type) {
    return message.attribute(IFINFO_BYTES, type);
  }

  /** Such as bridge or veth; empty for a machine's own interfaces. */
  static String linkKind(NetlinkMessage message) {
    byte[] info = linkAttribute(message, IFLA_LINKINFO);
    byte[] kind = info == null ? null : NetlinkMessage.nested(info).get(INFO_KIND);
    return kind == null ? "" : NetlinkMessage.text(kind);
  }

  public static boolean isLink(NetlinkMessage message) {
    return message.type() == NEWLINK || message.type() == DELLINK;
  }

  static boolean isUp(NetlinkMessage message) {
    return (message.u32(8) & UP) != 0;
  }

  /** An interface's end. A port that leaves its bridge is told of likewise, by the bridge. */
  public static boolean isGone(NetlinkMessage message) {
    return message.type() == DELLINK;
  }

  private static void port(
      NetlinkBatch batch, String hostName, int up, String alias, Runnable attributes) {
    batch.begin(NEWLINK, ACK, "set bridge port " + hostName);
    ifinfo(batch, 0, up).attr(IFLA_IFNAME, hostName);
    if (!alias.isEmpty()) {
      batch.attr(IFLA_IFALIAS, alias);
    }
    int info = batch.nest(IFLA_LINKINFO);
    batch.attr(INFO_SLAVE_KIND, "bridge");
    int data = batch.nest(INFO_SLAVE_DATA);
    attributes.run();
    batch.endNest(data).endNest(info).end();
  }

  private static void mtu(NetlinkBatch batch, Veth veth) {
    if (veth.mtu() > 0) {
      batch.attr32(IFLA_MTU, veth.mtu());
    }
  }

  private static NetlinkBatch ifinfo(NetlinkBatch batch, int index, int up) {
    return batch.u8(0).u8(0).u16(0).u32(index).u32(up).u32(up);
  }

  /**
   * A veth pair to be.
   *
   * @param name the name inside the namespace
   * @param mtu 0 is the kernel's default
   */
  @SuppressWarnings("ArrayRecordComponent") // written to a message, never compared
  public record Veth(String hostName, String name, byte[] mac, int mtu) {}
}
