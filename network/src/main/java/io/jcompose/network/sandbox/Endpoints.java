package io.jcompose.network.sandbox;

import io.jcompose.core.Ids;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Networking.EndpointOptions;
import io.jcompose.core.Networking.EndpointSpec;
import io.jcompose.core.sync.Rollback;
import io.jcompose.network.SandboxRecord;
import io.jcompose.network.SandboxRecord.EndpointRecord;
import io.jcompose.network.SandboxRequest;
import io.jcompose.network.address.Ip4;
import io.jcompose.network.address.Ip6;
import io.jcompose.network.address.Mac;
import io.jcompose.network.catalog.EngineNetworks;
import io.jcompose.network.catalog.Network;
import io.jcompose.network.ipam.AddressBook;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives containers their places on networks: membership, addresses, interfaces' names. Makes
 * nothing in the kernel. Owned by the sandboxes; thread-safe.
 */
public final class Endpoints {
  private static final Logger LOG = LoggerFactory.getLogger(Endpoints.class);

  private final EngineNetworks networks;

  /** The host's ends of veth pairs to their networks. */
  private final Map<String, Network> hostInterfaces = new ConcurrentHashMap<>();

  /** Endpoints of all containers, whether they run or not. */
  private final Supplier<Stream<EndpointSpec>> known;

  public Endpoints(EngineNetworks networks, Supplier<Stream<EndpointSpec>> known) {
    this.networks = networks;
    this.known = known;
  }

  /** The host's ends of the veth pairs that are in use, and the networks that they are on. */
  Map<String, Network> hostInterfaces() {
    return Map.copyOf(hostInterfaces);
  }

  /** Makes sure that the bridges are there; on a platform thread. */
  void ready(List<Endpoint> joined) {
    joined.forEach(each -> networks.ready(each.network()));
  }

  /** Gives a place back. */
  void leave(Endpoint joined, String containerId) {
    hostInterfaces.remove(joined.record().hostInterface());
    joined.releaseAddresses();
    joined.network().leave(containerId);
  }

  /**
   * Takes a container's place on each of its networks; the undo of each part goes to {@code held}.
   *
   * @param record whose names it has
   */
  List<Endpoint> join(SandboxRecord record, List<EndpointSpec> endpoints, Rollback held) {
    List<Endpoint> joined = new ArrayList<>();
    Set<String> interfaces = interfaceNames(endpoints);
    for (EndpointSpec spec : endpoints) {
      joined.add(join(record, network(spec), spec, interfaces, held));
    }
    return joined;
  }

  /**
   * Takes a running container's place on one more network.
   *
   * @param joined those that it is on
   * @param taken names of interfaces that it has
   * @throws JcomposeException.Conflict in dockerd's words when it is on the network
   */
  Endpoint join(
      SandboxRecord record,
      List<Endpoint> joined,
      EndpointSpec spec,
      Set<String> taken,
      Rollback held) {
    Network network = network(spec);
    if (joined.stream().anyMatch(each -> each.network().id().equals(network.id()))) {
      throw new JcomposeException.Conflict(
          "endpoint with name "
              + record.containerName()
              + " already exists in network "
              + network.name());
    }
    Set<String> interfaces = interfaceNames(List.of(spec));
    if (!spec.interfaceName().isEmpty() && taken.contains(spec.interfaceName())) {
      throw interfaceTaken(spec.interfaceName());
    }
    interfaces.addAll(taken);
    return join(record, network, spec, interfaces, held);
  }

  private Network network(EndpointSpec spec) {
    return networks
        .lookup(spec.network())
        .orElseThrow(
            () -> new JcomposeException.NotFound("network " + spec.network() + " not found"));
  }

  private Endpoint join(
      SandboxRecord record,
      Network network,
      EndpointSpec spec,
      Set<String> interfaces,
      Rollback held) {
    network.join(record.containerId(), record.containerName());
    held.push("leave network", () -> network.leave(record.containerId()));
    int address = address(network, spec);
    held.push("release address", () -> network.addresses().release(address));
    Ip6 address6 = address6(network, spec, held);
    String mac = spec.macAddress().isEmpty() ? Mac.of(address) : spec.macAddress();
    Mac.parse(mac);
    network.driver().checkEndpoint(network.name(), spec.options());
    String hostName = network.driver().hostInterface();
    claim(hostName, network, held);
    String name =
        spec.interfaceName().isEmpty()
            ? free(network.options().interfacePrefix(), interfaces)
            : spec.interfaceName();
    EndpointSysctls.of(spec.options(), name);
    EndpointRecord endpoint =
        new EndpointRecord(
            network.id(),
            hostName,
            name,
            Ip4.format(address),
            address6 == null ? "" : address6.toString(),
            mac,
            spec.gatewayPriority(),
            spec.aliases(),
            spec.options().links());
    return new Endpoint(
        network, endpoint, address, address6, names(record, spec.aliases()), spec.options());
  }

  /** Takes the place of a running container again; empty when the network is gone. */
  Optional<Endpoint> rejoin(SandboxRecord record, EndpointRecord endpoint, Rollback held) {
    Optional<Network> found = networks.lookup(endpoint.networkId());
    if (found.isEmpty()) {
      LOG.warn(
          "container {} is on network {}, which has no record",
          record.containerName(),
          endpoint.networkId());
      return Optional.empty();
    }
    Network network = found.get();
    int address = Ip4.parse(endpoint.ipv4Address());
    network.addresses().take(address);
    held.push("release address", () -> network.addresses().release(address));
    network.join(record.containerId(), record.containerName());
    held.push("leave network", () -> network.leave(record.containerId()));
    claim(endpoint.hostInterface(), network, held);
    return Optional.of(
        new Endpoint(
            network,
            endpoint,
            address,
            retake(network, endpoint, held),
            names(record, endpoint.aliases()),
            EndpointOptions.NONE));
  }

  private void claim(String hostInterface, Network network, Rollback held) {
    if (!hostInterface.isEmpty()) {
      hostInterfaces.put(hostInterface, network);
      held.push("forget interface", () -> hostInterfaces.remove(hostInterface));
    }
  }

  private static @Nullable Ip6 retake(Network network, EndpointRecord endpoint, Rollback held) {
    AddressBook<Ip6> addresses = network.addresses6();
    if (addresses == null || endpoint.ipv6Address().isEmpty()) {
      return null;
    }
    Ip6 address = Ip6.parse(endpoint.ipv6Address());
    addresses.take(address);
    held.push("release IPv6 address", () -> addresses.release(address));
    return address;
  }

  private int address(Network network, EndpointSpec spec) {
    if (spec.ipv4Address().isEmpty()) {
      return network
          .addresses()
          .take(
              network.record().userSubnet()
                  ? wanted(network, EndpointSpec::ipv4Address, Ip4::parse)
                  : Set.of());
    }
    if (!network.record().userSubnet()) {
      throw noUserSubnet();
    }
    int address = Ip4.parse(spec.ipv4Address());
    network.addresses().take(address);
    return address;
  }

  /** Null on a network without IPv6. */
  private @Nullable Ip6 address6(Network network, EndpointSpec spec, Rollback held) {
    AddressBook<Ip6> addresses = network.addresses6();
    if (addresses == null) {
      if (!spec.ipv6Address().isEmpty()) {
        throw new JcomposeException.InvalidArgument(
            "IPv6 address "
                + spec.ipv6Address()
                + " on network "
                + network.name()
                + ", which has no IPv6; give it enable_ipv6: true and a subnet");
      }
      return null;
    }
    Ip6 address;
    if (spec.ipv6Address().isEmpty()) {
      address =
          addresses.take(
              network.record().userSubnet6()
                  ? wanted(network, EndpointSpec::ipv6Address, Ip6::parse)
                  : Set.of());
    } else {
      if (!network.record().userSubnet6()) {
        throw noUserSubnet();
      }
      address = Ip6.parse(spec.ipv6Address());
      addresses.take(address);
    }
    held.push("release IPv6 address", () -> addresses.release(address));
    return address;
  }

  /** The addresses that containers have asked for, also such as are not running. */
  private <A> Set<A> wanted(
      Network network, Function<EndpointSpec, String> text, Function<String, A> parse) {
    Set<A> wanted = new HashSet<>();
    try (Stream<EndpointSpec> all = known.get()) {
      all.filter(
              each -> each.network().equals(network.name()) || each.network().equals(network.id()))
          .map(text)
          .filter(address -> !address.isEmpty())
          .forEach(
              address -> {
                try {
                  wanted.add(parse.apply(address));
                } catch (JcomposeException.InvalidArgument e) {
                  LOG.debug("{} is no address that another container could have", address, e);
                }
              });
    }
    return wanted;
  }

  private static JcomposeException noUserSubnet() {
    return new JcomposeException.InvalidArgument(
        "user specified IP address is supported only when connecting to networks with user"
            + " configured subnets");
  }

  /** The names that the endpoints ask for themselves. */
  private static Set<String> interfaceNames(List<EndpointSpec> endpoints) {
    Set<String> names = new HashSet<>();
    for (EndpointSpec spec : endpoints) {
      String name = spec.interfaceName();
      if (!name.isEmpty() && !isInterfaceName(name)) {
        throw new JcomposeException.InvalidArgument("invalid interface name \"" + name + "\"");
      }
      if (name.equals("lo") || (!name.isEmpty() && !names.add(name))) {
        throw interfaceTaken(name);
      }
    }
    return names;
  }

  private static JcomposeException interfaceTaken(String name) {
    return new JcomposeException.InvalidArgument(
        "interface name \"" + name + "\" is taken: no two interfaces of a container have one");
  }

  /** What the kernel takes as it is: {@code eth%d} is a pattern for it, and two are settings. */
  private static boolean isInterfaceName(String name) {
    return name.matches("[!-~&&[^/:.%]]{1,15}") && !Set.of("all", "default").contains(name);
  }

  /** The first number that no other interface has. */
  private static String free(String prefix, Set<String> taken) {
    int number = 0;
    while (!taken.add(prefix + number)) {
      number++;
    }
    return prefix + number;
  }

  /** The names that a container has on every network, its own first. */
  static List<String> commonNames(SandboxRequest request) {
    Set<String> names = new LinkedHashSet<>();
    names.add(request.containerName());
    names.add(Ids.brief(request.containerId()));
    names.add(request.hostname());
    names.addAll(request.names());
    return List.copyOf(names);
  }

  private static List<String> names(SandboxRecord record, List<String> aliases) {
    Set<String> names = new LinkedHashSet<>(record.names());
    names.addAll(aliases);
    return List.copyOf(names);
  }
}
