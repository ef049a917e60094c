package io.jcompose.network.driver;

import io.jcompose.core.Ids;
import io.jcompose.core.JcomposeException;
import io.jcompose.linux.netlink.NetlinkBatch;
import io.jcompose.linux.netlink.NetlinkSocket;
import io.jcompose.network.address.Ip4;
import io.jcompose.network.address.Ip6;
import io.jcompose.network.address.Mac;
import io.jcompose.network.address.Subnet;
import io.jcompose.network.address.Subnet6;
import io.jcompose.network.link.HostLinks;
import io.jcompose.network.link.HostLinks.Link;
import io.jcompose.network.link.Ip6Host;
import io.jcompose.network.link.RtMessages;
import io.jcompose.network.link.RtMessages.Veth;
import io.jcompose.network.nft.NftBatch;
import io.jcompose.network.nft.NftBatch.Element;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * A network that is a bridge of the host, which containers' veth pairs are ports of: the host
 * forwards for it, and the firewall decides.
 */
record Bridge(DriverOptions options) implements Driver {
  private static final int NFPROTO_IPV4 = 2;
  private static final int NFPROTO_IPV6 = 10;

  /** Every bridge's, as Docker's. */
  private static final Ip6 LINK_LOCAL = Ip6.parse("fe80::1");

  /** A bridge that somebody else made would be taken over, and deleted with the network. */
  @Override
  public void check(String network, Predicate<String> isLink, Map<String, DriverOptions> others) {
    String name = options.bridge();
    if (!name.isEmpty() && isLink.test(name)) {
      throw new JcomposeException.Conflict(
          "interface "
              + name
              + " (com.docker.network.bridge.name) exists already; choose another name");
    }
  }

  @Override
  public String bridge(String networkId) {
    return options.bridge().isEmpty() ? "jc" + Ids.brief(networkId) : options.bridge();
  }

  /**
   * @throws JcomposeException.Conflict when the interface of that name is somebody else's
   */
  @Override
  public int make(Segment network, String owner) {
    String name = network.bridge();
    try (NetlinkSocket socket = NetlinkSocket.open(NetlinkSocket.ROUTE)) {
      // one batch: a bridge without its owner's mark would outlive an engine that dies here
      NetlinkBatch create = new NetlinkBatch();
      Optional<Link> there = HostLinks.find(socket, name);
      if (there.isEmpty()) {
        byte[] mac = Mac.parse(Mac.of(network.gateway()));
        RtMessages.addBridge(create, name, mac, options.mtu());
      } else if (!there.get().isBridgeOf(owner)) {
        throw foreign(network, there.get());
      }
      RtMessages.markBridge(create, name, owner, Ip6Host.isPresent());
      socket.request(create);
      int index =
          HostLinks.index(socket, name)
              .orElseThrow(() -> new JcomposeException.Internal("bridge " + name + " vanished"));
      boolean has6 = network.ipv6() != null && options.mode6() != GatewayMode.ISOLATED;
      Ip6Host.guard(name, has6);
      socket.request(raising(network, index));
      return index;
    }
  }

  private NetlinkBatch raising(Segment network, int index) {
    NetlinkBatch batch = new NetlinkBatch();
    RtMessages.raise(batch, index);
    if (options.mode4() != GatewayMode.ISOLATED) {
      RtMessages.addAddress(batch, index, network.gateway(), network.subnet().prefix());
    }
    Segment.Ipv6 ipv6 = network.ipv6();
    if (ipv6 != null && options.mode6() != GatewayMode.ISOLATED) {
      RtMessages.addAddress(batch, index, ipv6.gateway(), ipv6.subnet().prefix());
      RtMessages.addAddress(batch, index, LINK_LOCAL, 64);
    }
    return batch;
  }

  private static JcomposeException foreign(Segment network, Link there) {
    return new JcomposeException.Conflict(
        "network "
            + network.name()
            + ": interface "
            + there.name()
            + " is "
            + (there.kind().isEmpty() ? "" : "a " + there.kind() + " ")
            + "of another program, so it does not become the network's bridge; remove or rename it");
  }

  @Override
  public boolean hasGateway() {
    return options.mode4() != GatewayMode.ISOLATED;
  }

  @Override
  public String hostInterface() {
    return "je" + Ids.brief(Ids.next());
  }

  @Override
  public void connect(NetlinkBatch batch, NetlinkSocket host, NewInterface made) {
    Veth veth = new Veth(made.hostName(), made.name(), made.mac(), options.mtu());
    RtMessages.addVeth(batch, veth, made.bridge(), made.namespaceFd());
  }

  @Override
  public void raise(NetlinkBatch batch, NewInterface made) {
    RtMessages.raisePort(batch, made.hostName(), made.owner(), !options.talkAmong());
  }

  @Override
  public List<Element> elements(Segment network) {
    List<Element> elements = new ArrayList<>();
    String bridge = network.bridge();
    Subnet subnet = network.subnet();
    elements.add(Element.member("nets", bridge));
    elements.add(own("own4", bridge, Ip4.bytes(subnet.base()), Ip4.bytes(subnet.last())));
    if (options.talkAmong()) {
      // without: isolated ports keep frames apart, and what is routed back is kept from passing
      elements.add(new Element("pairs", NftBatch.key(bridge, bridge), null, null, "ok"));
    }
    if (network.isInternal()) {
      elements.add(Element.member("internal", bridge));
    } else {
      reach(elements, bridge, options.mode4(), "4", NFPROTO_IPV4);
    }
    Segment.Ipv6 ipv6 = network.ipv6();
    if (ipv6 != null) {
      Subnet6 subnet6 = ipv6.subnet();
      elements.add(own("own6", bridge, subnet6.base().bytes(), subnet6.highest().bytes()));
      if (!network.isInternal()) {
        reach(elements, bridge, options.mode6(), "6", NFPROTO_IPV6);
      }
    }
    return elements;
  }

  private static Element own(String set, String bridge, byte[] first, byte[] last) {
    return new Element(set, NftBatch.key(bridge, first), NftBatch.key(bridge, last), null, null);
  }

  private void reach(
      List<Element> elements, String bridge, GatewayMode mode, String family, int number) {
    if (mode.isNat() && options.masquerade()) {
      elements.add(Element.member("masq" + family, bridge));
    }
    byte[] protocol = {(byte) number};
    if (mode == GatewayMode.NAT_UNPROTECTED) {
      elements.add(Element.member("open", bridge, protocol));
    } else if (mode == GatewayMode.ROUTED) {
      elements.add(Element.member("routed", bridge, protocol));
    }
  }
}
