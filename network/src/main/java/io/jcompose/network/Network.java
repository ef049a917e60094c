package io.jcompose.network;

import io.jcompose.core.JcomposeException;
import io.jcompose.core.Networks.NetworkView;
import io.jcompose.core.Networks.Pool;
import io.jcompose.network.NftBatch.Element;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A network that exists: its record, addresses, names, and who is on it. Thread-safe. */
final class Network {
  private static final int NFPROTO_IPV4 = 2;
  private static final int NFPROTO_IPV6 = 10;

  private final NetworkRecord record;
  private final DriverOptions options;
  private final Subnet subnet;
  private final int gateway;
  private final AddressBook<Integer> addresses;
  private final @Nullable Ipv6 ipv6;
  private final NameTable names = new NameTable();

  /** Container id to name; guarded by itself. */
  private final Map<String, String> members = new LinkedHashMap<>();

  private boolean removed;
  private volatile int bridgeIndex;

  Network(NetworkRecord record) {
    this.record = record;
    this.options = DriverOptions.parse(record.spec().driver(), record.spec().options());
    Pool pool = record.spec().pools().getFirst();
    subnet = Subnet.parse(pool.subnet());
    gateway = Ip4.parse(pool.gateway());
    Subnet range = pool.ipRange().isEmpty() ? subnet : Subnet.parse(pool.ipRange());
    Set<Integer> reserved = new HashSet<>();
    reserved.add(gateway);
    pool.auxAddresses().values().forEach(address -> reserved.add(Ip4.parse(address)));
    addresses = new AddressBook<>(subnet, range, reserved, name() + " (" + record.id() + ")");
    ipv6 = record.spec().ipv6() ? ipv6(record) : null;
  }

  private static Ipv6 ipv6(NetworkRecord record) {
    Pool pool = record.spec().pools().getLast();
    Subnet6 subnet = Subnet6.parse(pool.subnet());
    Ip6 gateway = Ip6.parse(pool.gateway());
    Subnet6 range = pool.ipRange().isEmpty() ? subnet : Subnet6.parse(pool.ipRange());
    Set<Ip6> reserved = new HashSet<>();
    reserved.add(gateway);
    pool.auxAddresses().values().forEach(address -> reserved.add(Ip6.parse(address)));
    String name = record.spec().name() + " (" + record.id() + ")";
    return new Ipv6(subnet, gateway, new AddressBook<>(subnet, range, reserved, name));
  }

  NetworkRecord record() {
    return record;
  }

  NetworkView view() {
    return new NetworkView(record.id(), record.spec(), record.created());
  }

  String id() {
    return record.id();
  }

  String name() {
    return record.spec().name();
  }

  String bridge() {
    return record.bridge();
  }

  Subnet subnet() {
    return subnet;
  }

  int gateway() {
    return gateway;
  }

  /** Its containers are on an interface of the host, and not behind a bridge. */
  boolean isMacvlan() {
    return !options.parent().isEmpty();
  }

  /** The host has an address on it, which containers reach it by. */
  boolean hasGateway() {
    return !isMacvlan() && options.mode4() != GatewayMode.ISOLATED;
  }

  boolean isInternal() {
    return record.spec().internal();
  }

  DriverOptions options() {
    return options;
  }

  /** Null without IPv6. */
  @Nullable Ipv6 ipv6() {
    return ipv6;
  }

  AddressBook<Integer> addresses() {
    return addresses;
  }

  NameTable names() {
    return names;
  }

  int bridgeIndex() {
    return bridgeIndex;
  }

  void bridgeIndex(int index) {
    bridgeIndex = index;
  }

  /** Counts a container in, so that the network stays. */
  void join(String containerId, String containerName) {
    synchronized (members) {
      if (removed) {
        throw new JcomposeException.NotFound("network " + name() + " not found");
      }
      members.put(containerId, containerName);
    }
  }

  void leave(String containerId) {
    synchronized (members) {
      members.remove(containerId);
    }
  }

  /** Lets nobody join any more; Conflict when somebody is there. */
  void beginRemoval() {
    synchronized (members) {
      if (!members.isEmpty()) {
        throw new JcomposeException.Conflict(
            "error while removing network: network "
                + name()
                + " has active endpoints ("
                + members.entrySet().stream()
                    .map(
                        member -> "name:\"" + member.getValue() + "\" id:\"" + brief(member) + "\"")
                    .collect(Collectors.joining(", "))
                + ")");
      }
      removed = true;
    }
  }

  /** The removal failed before anything went: the network stays. */
  void cancelRemoval() {
    synchronized (members) {
      removed = false;
    }
  }

  boolean isRemoved() {
    synchronized (members) {
      return removed;
    }
  }

  /** It is the address of a container here, if it is true. */
  boolean has(InetAddress address) {
    if (!(address instanceof Inet6Address inet6)) {
      int ipv4 = Ip4.of(address.getAddress());
      return subnet.contains(ipv4) && ipv4 != gateway;
    }
    if (inet6.isLinkLocalAddress()) {
      return bridgeIndex > 0 && inet6.getScopeId() == bridgeIndex;
    }
    Ip6 own = Ip6.of(inet6.getAddress());
    return ipv6 != null && ipv6.subnet.holds(own) && !ipv6.gateway.equals(own);
  }

  /** What the firewall holds for the network. */
  List<Element> elements() {
    List<Element> elements = new ArrayList<>();
    if (isMacvlan()) {
      return elements;
    }
    String bridge = bridge();
    elements.add(Element.member("nets", bridge));
    elements.add(
        new Element(
            "own4",
            NftBatch.key(bridge, Ip4.bytes(subnet.base())),
            NftBatch.key(bridge, Ip4.bytes(subnet.last())),
            null,
            null));
    if (options.talkAmong()) {
      // without: isolated ports keep frames apart, and what is routed back is kept from passing
      elements.add(new Element("pairs", NftBatch.key(bridge, bridge), null, null, "ok"));
    }
    if (isInternal()) {
      elements.add(Element.member("internal", bridge));
    } else {
      reach(elements, options.mode4(), "4", NFPROTO_IPV4);
    }
    if (ipv6 != null) {
      elements.add(
          new Element(
              "own6",
              NftBatch.key(bridge, ipv6.subnet.base().bytes()),
              NftBatch.key(bridge, ipv6.subnet.highest().bytes()),
              null,
              null));
      if (!isInternal()) {
        reach(elements, options.mode6(), "6", NFPROTO_IPV6);
      }
    }
    return elements;
  }

  private void reach(List<Element> elements, GatewayMode mode, String family, int number) {
    if (mode.isNat() && options.masquerade()) {
      elements.add(Element.member("masq" + family, bridge()));
    }
    byte[] protocol = {(byte) number};
    if (mode == GatewayMode.NAT_UNPROTECTED) {
      elements.add(Element.member("open", bridge(), protocol));
    } else if (mode == GatewayMode.ROUTED) {
      elements.add(Element.member("routed", bridge(), protocol));
    }
  }

  private static String brief(Map.Entry<String, String> member) {
    return io.jcompose.core.Ids.brief(member.getKey());
  }

  /** The IPv6 side of a network. */
  record Ipv6(Subnet6 subnet, Ip6 gateway, AddressBook<Ip6> addresses) {}
}
