package io.jcompose.network;

import io.jcompose.core.ContainerSpec.EndpointOptions;
import io.jcompose.core.ContainerSpec.EndpointSpec;
import io.jcompose.core.ContainerSpec.PortSpec;
import io.jcompose.core.ContainerView.EndpointView;
import io.jcompose.core.ContainerView.PortBinding;
import io.jcompose.core.Ids;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Rollback;
import io.jcompose.linux.NetworkNamespace;
import io.jcompose.network.NameTable.Asker;
import io.jcompose.network.NftBatch.Element;
import io.jcompose.network.PublishedPorts.Reservation;
import io.jcompose.network.PublishedPorts.Target;
import io.jcompose.network.SandboxRecord.Attachment;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens and adopts sandboxes. Owned by the network stack; thread-safe. */
final class Sandboxes {
  private static final Logger LOG = LoggerFactory.getLogger(Sandboxes.class);

  private final BridgeNetworks networks;
  private final PublishedPorts ports;
  private final Firewall firewall;
  private final KernelThreads threads;
  private final Namespaces namespaces;
  private final Resolvers resolvers;
  private final NetworkConfig config;
  private final DnsServer dns;
  private final Set<String> hostInterfaces = ConcurrentHashMap.newKeySet();
  private final Set<NetworkNamespace> handles = ConcurrentHashMap.newKeySet();

  Sandboxes(
      NetworkConfig config,
      BridgeNetworks networks,
      Firewall firewall,
      KernelThreads threads,
      Namespaces namespaces,
      Resolvers resolvers,
      DnsServer dns,
      Repairs repairs) {
    this.dns = dns;
    this.config = config;
    this.networks = networks;
    this.firewall = firewall;
    this.threads = threads;
    this.namespaces = namespaces;
    this.resolvers = resolvers;
    this.ports = new PublishedPorts(config.publishAddresses(), repairs);
  }

  Sandbox open(SandboxRequest request) {
    return switch (request.networking().mode()) {
      case "host" -> openHost(request);
      case "none" -> openEmpty(request);
      case "networks" ->
          request.networking().endpoints().isEmpty() ? openEmpty(request) : openJoined(request);
      default ->
          throw new JcomposeException.InvalidArgument(
              "network mode " + request.networking().mode() + " has no sandbox of its own");
    };
  }

  /** The host's ends of the veth pairs that are in use. */
  Set<String> hostInterfaces() {
    return Set.copyOf(hostInterfaces);
  }

  /**
   * Closes the sockets of all ports and the handles of all namespaces, as the engine's end does.
   */
  void close() {
    ports.close();
    handles.forEach(NetworkNamespace::close);
  }

  Sandbox adopt(SandboxRecord record, long pid) {
    if (record.mode().equals("host")) {
      return new OpenSandbox(-1, List.of(), OpenSandbox.Files.ADOPTED, record, () -> {});
    }
    try (Rollback held = new Rollback()) {
      NetworkNamespace namespace = NetworkNamespace.ofProcess(pid);
      held.push("close namespace", namespace::close);
      List<Joined> joined = new ArrayList<>();
      for (Attachment attachment : record.endpoints()) {
        rejoin(record, attachment, held).ifPresent(joined::add);
      }
      int gateway = indexOf(record, record.gatewayIndex(), joined);
      List<Reservation> reserved = new ArrayList<>();
      if (!joined.isEmpty()) {
        Target target = target(joined, gateway, indexOf(record, record.gatewayIndex6(), joined));
        for (List<PortBinding> bindings : grouped(record.ports())) {
          Reservation reservation = ports.adopt(bindings, target, record.containerName());
          held.push("release port", () -> ports.release(reservation));
          reserved.add(reservation);
        }
      }
      List<Element> elements = elements(reserved);
      threads.run(() -> firewall.add(elements));
      Asker asker = register(joined, gateway, record, namespace);
      if (!joined.isEmpty() && Joined.nameServer(joined, gateway) < 0) {
        dns.start(
            record.containerId(), threads.call(() -> namespaces.serveInside(namespace)), asker);
      }
      List<EndpointView> views = joined.stream().map(Joined::view).toList();
      Held all = new Held(record.containerId(), namespace, joined, reserved, asker);
      handles.add(namespace);
      held.commit();
      return new OpenSandbox(
          namespace.fd(), views, OpenSandbox.Files.ADOPTED, record, () -> release(all));
    }
  }

  private Sandbox openHost(SandboxRequest request) {
    OpenSandbox.Files files =
        new OpenSandbox.Files(
            ContainerFiles.hostResolvConf(request.networking(), resolvers),
            ContainerFiles.hostHosts(config.hosts(), request.networking().extraHosts()));
    return new OpenSandbox(
        -1, List.of(), files, record(request, List.of(), -1, -1, List.of()), () -> {});
  }

  private Sandbox openEmpty(SandboxRequest request) {
    OpenSandbox.Files files =
        new OpenSandbox.Files(
            ContainerFiles.hostResolvConf(request.networking(), resolvers),
            ContainerFiles.hosts(request, "", List.of()));
    NetworkNamespace namespace = threads.call(() -> namespaces.make(List.of(), -1, -1)).namespace();
    return new OpenSandbox(
        namespace.fd(),
        List.of(),
        files,
        record(request, List.of(), -1, -1, List.of()),
        namespace::close);
  }

  private Sandbox openJoined(SandboxRequest request) {
    try (Rollback held = new Rollback()) {
      List<Joined> joined = join(request, held);
      List<EndpointSpec> specs = request.networking().endpoints();
      int gateway = Joined.gateway(joined, specs);
      int gateway6 = Joined.gateway6(joined, specs);
      Joined main = joined.get(Math.max(0, gateway));
      Target target = target(joined, gateway, gateway6);
      OpenSandbox.Files files = files(request, joined, main);
      List<Reservation> reserved = new ArrayList<>();
      for (PortSpec port : request.networking().ports()) {
        Reservation reservation = ports.reserve(port, target, request.containerName());
        held.push("release port", () -> ports.release(reservation));
        reserved.add(reservation);
      }
      List<Element> elements = elements(reserved);
      Namespaces.Made made =
          threads.call(
              () -> {
                Namespaces.Made result = namespaces.make(joined, gateway, gateway6);
                held.push("close namespace", result.namespace()::close);
                DnsServer.Sockets own = result.nameServer();
                if (own != null) {
                  held.push("close name server", own::close);
                }
                firewall.add(elements);
                return result;
              });
      NetworkNamespace namespace = made.namespace();
      SandboxRecord record = record(request, joined, gateway, gateway6, reserved);
      Asker asker = register(joined, gateway, record, namespace);
      DnsServer.Sockets inside = made.nameServer();
      if (inside != null) {
        dns.start(request.containerId(), inside, asker);
      }
      Held all = new Held(request.containerId(), namespace, joined, reserved, asker);
      handles.add(namespace);
      held.commit();
      return new OpenSandbox(
          namespace.fd(),
          joined.stream().map(Joined::view).toList(),
          files,
          record,
          () -> release(all));
    }
  }

  private OpenSandbox.Files files(SandboxRequest request, List<Joined> joined, Joined main) {
    return new OpenSandbox.Files(
        ContainerFiles.resolvConf(request.networking(), resolvers),
        ContainerFiles.hosts(
            request,
            main.network().servesNames() ? Ip4.format(main.network().gateway()) : "",
            joined.stream()
                .flatMap(
                    each ->
                        Stream.of(each.attachment().ipv4Address(), each.attachment().ipv6Address()))
                .filter(address -> !address.isEmpty())
                .toList()));
  }

  private List<Joined> join(SandboxRequest request, Rollback held) {
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

  private Optional<Joined> rejoin(SandboxRecord record, Attachment attachment, Rollback held) {
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

  private static List<String> commonNames(SandboxRequest request) {
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

  /** Where the record's endpoint is now; -1 when it had none or the network is gone. */
  private static int indexOf(SandboxRecord record, int index, List<Joined> joined) {
    if (index < 0 || index >= record.endpoints().size()) {
      return -1;
    }
    Attachment wanted = record.endpoints().get(index);
    return IntStream.range(0, joined.size())
        .filter(i -> joined.get(i).attachment().equals(wanted))
        .findFirst()
        .orElse(-1);
  }

  private static Target target(List<Joined> joined, int gateway, int gateway6) {
    Joined main = joined.get(Math.max(0, gateway));
    Joined main6 = joined.get(Math.max(0, gateway6));
    return new Target(
        main.address(),
        main6.address6(),
        main.network().options().mode4(),
        main6.network().options().mode6(),
        main.network().options().publishAddress());
  }

  private Asker register(
      List<Joined> joined, int gateway, SandboxRecord record, NetworkNamespace namespace) {
    List<Network> order = new ArrayList<>(joined.stream().map(Joined::network).toList());
    if (gateway > 0) {
      order.addFirst(order.remove(gateway));
    }
    Map<String, String> links = new LinkedHashMap<>();
    for (Joined each : joined) {
      each.attachment()
          .links()
          .forEach((alias, name) -> links.put(NameTable.lower(alias), NameTable.lower(name)));
    }
    List<String> servers = record.dns();
    Outlet outlet = servers.isEmpty() ? Outlet.HOST : Outlet.of(namespace, namespaces, threads);
    Asker asker = new Asker(order, links, servers, outlet, record.keepsBareNames());
    joined.forEach(each -> each.network().names().add(each.member(asker)));
    return asker;
  }

  private void release(Held held) {
    held.joined.forEach(each -> each.network().names().remove(each.member(held.asker)));
    dns.stop(held.containerId);
    if (firewall.remove(elements(held.reserved))) {
      threads.later(firewall::flush);
    }
    threads.run(
        () ->
            HostLinks.disable(
                held.joined.stream()
                    .map(each -> each.attachment().hostInterface())
                    .filter(name -> !name.isEmpty())
                    .toList()));
    held.reserved.forEach(ports::release);
    handles.remove(held.namespace);
    held.namespace.close();
    for (Joined each : held.joined) {
      hostInterfaces.remove(each.attachment().hostInterface());
      each.releaseAddresses();
      each.network().leave(held.containerId);
    }
    if (held.reserved.stream().anyMatch(Reservation::isUdp)) {
      threads.later(() -> held.joined.forEach(Sandboxes::forgetFlows));
    }
  }

  private static void forgetFlows(Joined joined) {
    Conntrack.forget(Ip4.inet(joined.address()));
    Ip6 address6 = joined.address6();
    if (address6 != null) {
      Conntrack.forget(address6.inet());
    }
  }

  private static List<Element> elements(List<Reservation> reserved) {
    return reserved.stream().map(Reservation::elements).flatMap(List::stream).toList();
  }

  private static Collection<List<PortBinding>> grouped(List<PortBinding> bindings) {
    Map<String, List<PortBinding>> groups = new LinkedHashMap<>();
    for (PortBinding each : bindings) {
      String key = each.protocol() + " " + each.hostPort() + " " + each.containerPort();
      groups.computeIfAbsent(key, k -> new ArrayList<>()).add(each);
    }
    return groups.values();
  }

  private static SandboxRecord record(
      SandboxRequest request,
      List<Joined> joined,
      int gateway,
      int gateway6,
      List<Reservation> reserved) {
    return new SandboxRecord(
        request.containerId(),
        request.containerName(),
        request.networking().mode(),
        commonNames(request),
        request.networking().dns(),
        joined.stream().map(Joined::attachment).toList(),
        gateway,
        gateway6,
        reserved.stream().map(Reservation::bindings).flatMap(List::stream).toList(),
        request.networking().dnsOptions().stream().anyMatch(each -> each.startsWith("ndots:")));
  }

  /** What a sandbox gives back. */
  private record Held(
      String containerId,
      NetworkNamespace namespace,
      List<Joined> joined,
      List<Reservation> reserved,
      Asker asker) {}
}
