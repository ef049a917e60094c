package io.jcompose.network.catalog;

import io.jcompose.core.Ids;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Networks.NetworkView;
import io.jcompose.core.Networks.Pool;
import io.jcompose.network.address.Ip4;
import io.jcompose.network.address.Ip6;
import io.jcompose.network.address.Subnet;
import io.jcompose.network.address.Subnet6;
import io.jcompose.network.dns.NameTable;
import io.jcompose.network.driver.Driver;
import io.jcompose.network.driver.DriverOptions;
import io.jcompose.network.driver.Drivers;
import io.jcompose.network.driver.Segment;
import io.jcompose.network.ipam.AddressBook;
import io.jcompose.network.nft.NftBatch.Element;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A network that exists: its record, addresses, names, and who is on it. Thread-safe. */
public final class Network implements Segment {
  private final NetworkRecord record;
  private final Driver driver;
  private final Subnet subnet;
  private final int gateway;
  private final AddressBook<Integer> addresses;
  private final @Nullable Ipv6 ipv6;
  private final @Nullable AddressBook<Ip6> addresses6;
  private final NameTable names;

  /** Container id to name; guarded by itself. */
  private final Map<String, String> members = new LinkedHashMap<>();

  private boolean removed;
  private volatile int bridgeIndex;

  public Network(NetworkRecord record) {
    this.record = record;
    this.driver = Drivers.of(record.spec().driver(), record.spec().options());
    Pool pool = record.spec().pools().getFirst();
    subnet = Subnet.parse(pool.subnet());
    gateway = Ip4.parse(pool.gateway());
    Subnet range = pool.ipRange().isEmpty() ? subnet : Subnet.parse(pool.ipRange());
    Set<Integer> reserved = new HashSet<>();
    reserved.add(gateway);
    pool.auxAddresses().values().forEach(address -> reserved.add(Ip4.parse(address)));
    addresses = new AddressBook<>(subnet, range, reserved, name() + " (" + record.id() + ")");
    ipv6 = record.spec().ipv6() ? ipv6(record.spec().pools().getLast()) : null;
    addresses6 = ipv6 == null ? null : addresses6(ipv6, record);
    names = new NameTable(name());
  }

  private static Ipv6 ipv6(Pool pool) {
    return new Ipv6(Subnet6.parse(pool.subnet()), Ip6.parse(pool.gateway()));
  }

  private static AddressBook<Ip6> addresses6(Ipv6 ipv6, NetworkRecord record) {
    Pool pool = record.spec().pools().getLast();
    Subnet6 subnet = ipv6.subnet();
    Subnet6 range = pool.ipRange().isEmpty() ? subnet : Subnet6.parse(pool.ipRange());
    Set<Ip6> reserved = new HashSet<>();
    reserved.add(ipv6.gateway());
    pool.auxAddresses().values().forEach(address -> reserved.add(Ip6.parse(address)));
    String name = record.spec().name() + " (" + record.id() + ")";
    return new AddressBook<>(subnet, range, reserved, name);
  }

  public NetworkRecord record() {
    return record;
  }

  NetworkView view() {
    return new NetworkView(record.id(), record.spec(), record.created());
  }

  public String id() {
    return record.id();
  }

  @Override
  public String name() {
    return record.spec().name();
  }

  @Override
  public String bridge() {
    return record.bridge();
  }

  @Override
  public Subnet subnet() {
    return subnet;
  }

  @Override
  public int gateway() {
    return gateway;
  }

  /** It is an interface of the host, with what the firewall and the kernel need for that. */
  boolean hasBridge() {
    return !bridge().isEmpty();
  }

  @Override
  public boolean isInternal() {
    return record.spec().internal();
  }

  public Driver driver() {
    return driver;
  }

  public DriverOptions options() {
    return driver.options();
  }

  @Override
  public @Nullable Ipv6 ipv6() {
    return ipv6;
  }

  /** Null without IPv6. */
  @Nullable
  public AddressBook<Ip6> addresses6() {
    return addresses6;
  }

  public AddressBook<Integer> addresses() {
    return addresses;
  }

  public NameTable names() {
    return names;
  }

  public int bridgeIndex() {
    return bridgeIndex;
  }

  public void bridgeIndex(int index) {
    bridgeIndex = index;
  }

  /** Counts a container in, so that the network stays. */
  public void join(String containerId, String containerName) {
    synchronized (members) {
      if (removed) {
        throw new JcomposeException.NotFound("network " + name() + " not found");
      }
      members.put(containerId, containerName);
    }
  }

  public void leave(String containerId) {
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

  public boolean isRemoved() {
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
    return ipv6 != null && ipv6.subnet().holds(own) && !ipv6.gateway().equals(own);
  }

  /** What the firewall holds for the network. */
  public List<Element> elements() {
    return driver.elements(this);
  }

  private static String brief(Map.Entry<String, String> member) {
    return Ids.brief(member.getKey());
  }
}
