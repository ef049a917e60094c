package io.jcompose.network;

import io.jcompose.core.Ids;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Networking.EndpointOptions;
import io.jcompose.core.Networking.EndpointSpec;
import io.jcompose.core.Rollback;
import io.jcompose.network.SandboxRecord.Attachment;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives containers their places on networks: membership, addresses, interfaces' names. Makes
 * nothing in the kernel. Owned by the sandboxes; thread-safe.
 */
final class Endpoints {
  private static final Logger LOG = LoggerFactory.getLogger(Endpoints.class);

  private final BridgeNetworks networks;
  private final Set<String> hostInterfaces = ConcurrentHashMap.newKeySet();

  Endpoints(BridgeNetworks networks) {
    this.networks = networks;
  }

  /** The host's ends of the veth pairs that are in use. */
  Set<String> hostInterfaces() {
    return Set.copyOf(hostInterfaces);
  }

  /** Gives a place back. */
  void leave(Joined joined, String containerId) {
    hostInterfaces.remove(joined.attachment().hostInterface());
    joined.releaseAddresses();
    joined.network().leave(containerId);
  }

  /**
   * Takes a container's place on each of its networks; the undo of each part goes to {@code held}.
   */
  List<Joined> join(SandboxRequest request, Rollback held) {
    List<Joined> joined = new ArrayList<>();
    List<EndpointSpec> endpoints = request.networking().endpoints();
    for (int i = 0; i < endpoints.size(); i++) {
      EndpointSpec spec = endpoints.get(i);
      checkInterface(spec);
      Network network =
          networks
              .lookup(spec.network())
              .orElseThrow(
                  () -> new JcomposeException.NotFound("network " + spec.network() + " not found"));
      network.join(request.containerId(), request.containerName());
      held.push("leave network", () -> network.leave(request.containerId()));
      int address = address(network, spec);
      held.push("release address", () -> network.addresses().release(address));
      Ip6 address6 = address6(network, spec, held);
      String mac = spec.macAddress().isEmpty() ? Mac.of(address) : spec.macAddress();
      Mac.parse(mac);
      checkLimits(network, spec);
      String hostName = network.isMacvlan() ? "" : "je" + Ids.brief(Ids.next());
      hostInterfaces.add(hostName);
      held.push("forget interface", () -> hostInterfaces.remove(hostName));
      String name =
          spec.interfaceName().isEmpty()
              ? network.options().interfacePrefix() + i
              : spec.interfaceName();
      Attachment attachment =
          new Attachment(
              network.id(),
              hostName,
              name,
              Ip4.format(address),
              address6 == null ? "" : address6.toString(),
              mac,
              spec.aliases(),
              spec.options().links());
      EndpointSysctls.of(spec.options(), name);
      joined.add(
          new Joined(network, attachment, address, address6, names(request, spec), spec.options()));
    }
    return joined;
  }

  /** Takes the place of a running container again; empty when the network is gone. */
  Optional<Joined> rejoin(SandboxRecord record, Attachment attachment, Rollback held) {
    Optional<Network> found = networks.lookup(attachment.networkId());
    if (found.isEmpty()) {
      LOG.warn(
          "container {} is on network {}, which has no record",
          record.containerName(),
          attachment.networkId());
      return Optional.empty();
    }
    Network network = found.get();
    int address = Ip4.parse(attachment.ipv4Address());
    network.addresses().take(address);
    held.push("release address", () -> network.addresses().release(address));
    network.join(record.containerId(), record.containerName());
    held.push("leave network", () -> network.leave(record.containerId()));
    hostInterfaces.add(attachment.hostInterface());
    held.push("forget interface", () -> hostInterfaces.remove(attachment.hostInterface()));
    Set<String> names = new LinkedHashSet<>(record.names());
    names.addAll(attachment.aliases());
    return Optional.of(
        new Joined(
            network,
            attachment,
            address,
            retake(network, attachment, held),
            List.copyOf(names),
            EndpointOptions.NONE));
  }

  private static @Nullable Ip6 retake(Network network, Attachment attachment, Rollback held) {
    Network.Ipv6 ipv6 = network.ipv6();
    if (ipv6 == null || attachment.ipv6Address().isEmpty()) {
      return null;
    }
    Ip6 address = Ip6.parse(attachment.ipv6Address());
    ipv6.addresses().take(address);
    held.push("release IPv6 address", () -> ipv6.addresses().release(address));
    return address;
  }

  private static int address(Network network, EndpointSpec spec) {
    if (spec.ipv4Address().isEmpty()) {
      return network.addresses().take();
    }
    if (!network.record().userSubnet()) {
      throw noUserSubnet();
    }
    int address = Ip4.parse(spec.ipv4Address());
    network.addresses().take(address);
    return address;
  }

  /** Null on a network without IPv6. */
  private static @Nullable Ip6 address6(Network network, EndpointSpec spec, Rollback held) {
    Network.Ipv6 ipv6 = network.ipv6();
    if (ipv6 == null) {
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
      address = ipv6.addresses().take();
    } else {
      if (!network.record().userSubnet6()) {
        throw noUserSubnet();
      }
      address = Ip6.parse(spec.ipv6Address());
      ipv6.addresses().take(address);
    }
    held.push("release IPv6 address", () -> ipv6.addresses().release(address));
    return address;
  }

  private static JcomposeException noUserSubnet() {
    return new JcomposeException.InvalidArgument(
        "user specified IP address is supported only when connecting to networks with user"
            + " configured subnets");
  }

  private static void checkLimits(Network network, EndpointSpec spec) {
    if (network.isMacvlan() && spec.options().ingressBits() > 0) {
      throw new JcomposeException.NotSupported(
          "an ingress limit on macvlan network "
              + network.name()
              + " is not supported: what arrives passes no interface of the engine");
    }
  }

  private static void checkInterface(EndpointSpec spec) {
    if (!spec.interfaceName().isEmpty() && !spec.interfaceName().matches("[^/\\s:.]{1,15}")) {
      throw new JcomposeException.InvalidArgument(
          "invalid interface name \"" + spec.interfaceName() + "\"");
    }
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

  private static List<String> names(SandboxRequest request, EndpointSpec spec) {
    Set<String> names = new LinkedHashSet<>(commonNames(request));
    names.addAll(spec.aliases());
    return List.copyOf(names);
  }
}
