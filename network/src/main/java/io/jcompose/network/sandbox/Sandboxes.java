package io.jcompose.network.sandbox;

import io.jcompose.core.ContainerView.EndpointView;
import io.jcompose.core.ContainerView.PortBinding;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Networking.PortSpec;
import io.jcompose.core.sync.Rollback;
import io.jcompose.linux.netlink.NetworkNamespace;
import io.jcompose.network.NetworkConfig;
import io.jcompose.network.Sandbox;
import io.jcompose.network.SandboxRecord;
import io.jcompose.network.SandboxRecord.EndpointRecord;
import io.jcompose.network.SandboxRequest;
import io.jcompose.network.address.Ip4;
import io.jcompose.network.address.Ip6;
import io.jcompose.network.catalog.Network;
import io.jcompose.network.dns.ChannelFactory;
import io.jcompose.network.dns.DnsServer;
import io.jcompose.network.dns.DnsSockets;
import io.jcompose.network.dns.DnsView;
import io.jcompose.network.dns.NameTable;
import io.jcompose.network.dns.Resolvers;
import io.jcompose.network.firewall.Conntrack;
import io.jcompose.network.firewall.Firewall;
import io.jcompose.network.link.HostLinks;
import io.jcompose.network.nft.NftBatch.Element;
import io.jcompose.network.port.HostPort;
import io.jcompose.network.port.PortTarget;
import io.jcompose.network.port.PublishedPorts;
import io.jcompose.network.thread.KernelThreads;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/** Opens and adopts sandboxes. Owned by the network stack; thread-safe. */
public final class Sandboxes {

  private final Endpoints endpoints;
  private final PublishedPorts ports;
  private final Firewall firewall;
  private final KernelThreads threads;
  private final Namespaces namespaces;
  private final Resolvers resolvers;
  private final NetworkConfig config;
  private final DnsServer dns;
  private final Set<NetworkNamespace> handles = ConcurrentHashMap.newKeySet();

  public Sandboxes(
      NetworkConfig config,
      Endpoints endpoints,
      Firewall firewall,
      KernelThreads threads,
      Namespaces namespaces,
      Resolvers resolvers,
      DnsServer dns,
      PublishedPorts ports) {
    this.dns = dns;
    this.config = config;
    this.endpoints = endpoints;
    this.firewall = firewall;
    this.threads = threads;
    this.namespaces = namespaces;
    this.resolvers = resolvers;
    this.ports = ports;
  }

  public Sandbox open(SandboxRequest request) {
    NameChecks.check(request.networking(), request.hostname(), request.domainname());
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

  /** The host's ends of the veth pairs that are in use, and the networks that they are on. */
  Map<String, Network> hostInterfaces() {
    return endpoints.hostInterfaces();
  }

  /**
   * Closes the sockets of all ports and the handles of all namespaces, as the engine's end does.
   */
  public void close() {
    ports.close();
    handles.forEach(NetworkNamespace::close);
  }

  public Sandbox adopt(SandboxRecord record, Path path) {
    if (record.mode().equals("host")) {
      return new OpenSandbox(-1, List.of(), OpenSandbox.Files.ADOPTED, record, () -> {});
    }
    try (Rollback held = new Rollback()) {
      NetworkNamespace namespace = NetworkNamespace.at(path.toString());
      held.push("close namespace", namespace::close);
      List<Endpoint> joined = new ArrayList<>();
      for (EndpointRecord endpoint : record.endpoints()) {
        endpoints.rejoin(record, endpoint, held).ifPresent(joined::add);
      }
      Gateways gateways = Gateways.of(record, joined);
      List<HostPort> reserved = adoptPorts(record, joined, gateways, held);
      List<Element> elements = elements(reserved);
      threads.run(held, undo -> addPorts(elements, undo));
      DnsView view = register(joined, gateways, record, namespace);
      held.push("remove names", () -> removeNames(joined));
      if (!joined.isEmpty()) {
        held.push("stop name server", () -> dns.stop(record.containerId()));
        dns.adopt(record, namespace, view);
      }
      List<EndpointView> views = joined.stream().map(Endpoint::view).toList();
      Held all = new Held(record.containerId(), namespace, joined, reserved);
      handles.add(namespace);
      held.commit();
      return new OpenSandbox(
          namespace.fd(), views, OpenSandbox.Files.ADOPTED, record, () -> release(all));
    }
  }

  private List<HostPort> adoptPorts(
      SandboxRecord record, List<Endpoint> joined, Gateways gateways, Rollback held) {
    List<HostPort> reserved = new ArrayList<>();
    if (!joined.isEmpty()) {
      PortTarget target = gateways.target(joined);
      for (List<PortBinding> bindings : grouped(record.ports())) {
        HostPort reservation = ports.adopt(bindings, target, record.containerName());
        held.push("release port", () -> ports.release(reservation));
        reserved.add(reservation);
      }
    }
    return reserved;
  }

  private Sandbox openHost(SandboxRequest request) {
    OpenSandbox.Files files =
        new OpenSandbox.Files(
            ContainerFiles.hostResolvConf(request.networking(), resolvers),
            ContainerFiles.hostHosts(config.hosts(), request.networking().extraHosts()));
    return new OpenSandbox(
        -1, List.of(), files, record(request, List.of(), Gateways.NONE, List.of()), () -> {});
  }

  private Sandbox openEmpty(SandboxRequest request) {
    OpenSandbox.Files files =
        new OpenSandbox.Files(
            ContainerFiles.hostResolvConf(request.networking(), resolvers),
            ContainerFiles.hosts(request, "", List.of()));
    NetworkNamespace namespace =
        threads.call(
            () -> namespaces.make(request.namespace(), List.of(), Gateways.NONE).namespace());
    return new OpenSandbox(
        namespace.fd(),
        List.of(),
        files,
        record(request, List.of(), Gateways.NONE, List.of()),
        namespace::close);
  }

  private Sandbox openJoined(SandboxRequest request) {
    try (Rollback held = new Rollback()) {
      List<Endpoint> joined = endpoints.join(request, held);
      Gateways gateways = Gateways.choose(joined, request.networking().endpoints());
      OpenSandbox.Files files = files(request, joined, gateways.main(joined));
      List<HostPort> reserved = reservePorts(request, gateways.target(joined), held);
      Namespaces.Made made = make(request, joined, gateways, elements(reserved), held);
      NetworkNamespace namespace = made.namespace();
      SandboxRecord record = record(request, joined, gateways, reserved);
      DnsView view = register(joined, gateways, record, namespace);
      held.push("remove names", () -> removeNames(joined));
      DnsSockets inside = made.nameServer();
      if (inside != null) {
        held.push("stop name server", () -> dns.stop(request.containerId()));
        dns.start(request.containerId(), inside, view);
      }
      Held all = new Held(request.containerId(), namespace, joined, reserved);
      handles.add(namespace);
      held.commit();
      return new OpenSandbox(
          namespace.fd(),
          joined.stream().map(Endpoint::view).toList(),
          files,
          record,
          () -> release(all));
    }
  }

  private List<HostPort> reservePorts(SandboxRequest request, PortTarget target, Rollback held) {
    List<HostPort> reserved = new ArrayList<>();
    for (PortSpec port : request.networking().ports()) {
      HostPort reservation = ports.reserve(port, target, request.containerName());
      held.push("release port", () -> ports.release(reservation));
      reserved.add(reservation);
    }
    return reserved;
  }

  private Namespaces.Made make(
      SandboxRequest request,
      List<Endpoint> joined,
      Gateways gateways,
      List<Element> elements,
      Rollback held) {
    return threads.call(
        held,
        undo -> {
          endpoints.ready(joined);
          Namespaces.Made result = namespaces.make(request.namespace(), joined, gateways);
          undo.push("close namespace", result.namespace()::close);
          DnsSockets own = result.nameServer();
          if (own != null) {
            undo.push("close name server", own::close);
          }
          undo.push(
              "cut interfaces off", () -> threads.run(() -> cutOff(result.namespace(), joined)));
          addPorts(elements, undo);
          return result;
        });
  }

  private OpenSandbox.Files files(SandboxRequest request, List<Endpoint> joined, Endpoint main) {
    return new OpenSandbox.Files(
        ContainerFiles.resolvConf(request.networking(), resolvers),
        ContainerFiles.hosts(
            request,
            main.network().driver().hasGateway() ? Ip4.format(main.network().gateway()) : "",
            joined.stream()
                .flatMap(
                    each -> Stream.of(each.record().ipv4Address(), each.record().ipv6Address()))
                .filter(address -> !address.isEmpty())
                .toList()));
  }

  private DnsView register(
      List<Endpoint> joined, Gateways gateways, SandboxRecord record, NetworkNamespace namespace) {
    List<Network> order = new ArrayList<>(joined.stream().map(Endpoint::network).toList());
    if (gateways.ipv4() > 0) {
      order.addFirst(order.remove(gateways.ipv4()));
    }
    Map<String, String> links = new LinkedHashMap<>();
    for (Endpoint each : joined) {
      each.record()
          .links()
          .forEach((alias, name) -> links.put(NameTable.lower(alias), NameTable.lower(name)));
    }
    List<String> servers = record.dns();
    ChannelFactory channels =
        servers.isEmpty() ? ChannelFactory.HOST : namespaces.channels(namespace);
    joined.forEach(each -> each.network().names().add(each.member()));
    return new DnsView(
        order.stream().map(Network::names).toList(),
        links,
        servers,
        channels,
        record.keepsBareNames(),
        order.stream().allMatch(Network::isInternal));
  }

  /**
   * Each step whatever becomes of the others: what one of them keeps would be kept for the engine's
   * life. Addresses are last, for until the interfaces are cut off the old owner has them.
   */
  private void release(Held held) {
    try (Rollback steps = new Rollback()) {
      steps.push("leave networks", () -> leave(held));
      steps.push("close namespace", held.namespace::close);
      steps.push("forget namespace", () -> handles.remove(held.namespace));
      if (held.reserved.stream().anyMatch(HostPort::isLedOn)) {
        steps.push("forget flows", () -> threads.run(() -> endFlows(held.joined)));
      }
      steps.push(
          "cut interfaces off", () -> threads.run(() -> cutOff(held.namespace, held.joined)));
      held.reserved.forEach(each -> steps.push("release port", () -> ports.release(each)));
      // before that: whoever gets a port next leads it on by an element of the same name
      steps.push("take ports out of the firewall", () -> remove(elements(held.reserved)));
      steps.push("close name server", () -> dns.stop(held.containerId));
      steps.push("remove names", () -> removeNames(held.joined));
    }
  }

  private static void removeNames(List<Endpoint> joined) {
    joined.forEach(each -> each.network().names().remove(each.member()));
  }

  private void leave(Held held) {
    held.joined.forEach(each -> endpoints.leave(each, held.containerId));
  }

  private void remove(List<Element> elements) {
    if (firewall.remove(elements)) {
      threads.later(firewall::flush);
    }
  }

  private void addPorts(List<Element> elements, Rollback undo) {
    undo.push("take ports out of the firewall", () -> remove(elements));
    firewall.add(elements);
  }

  /**
   * The namespace may live on, with a program that shares it or until the kernel comes to it: its
   * addresses are another container's then.
   */
  private void cutOff(NetworkNamespace namespace, List<Endpoint> joined) {
    HostLinks.disable(
        joined.stream()
            .filter(Endpoint::hasHostInterface)
            .map(each -> each.record().hostInterface())
            .toList());
    List<String> own =
        joined.stream()
            .filter(each -> !each.hasHostInterface())
            .map(each -> each.record().interfaceName())
            .toList();
    if (!own.isEmpty()) {
      namespaces.deleteInside(namespace, own);
    }
  }

  /** As long as the firewall leads to an address, whoever asks for the port begins a new flow. */
  private void endFlows(List<Endpoint> joined) {
    try {
      firewall.flush();
    } finally {
      forgetFlows(joined);
    }
  }

  /**
   * Whoever is at an address next gets nothing that was led to who was there before. Before the
   * address is given back, for the flows of the next one must stay.
   */
  private static void forgetFlows(List<Endpoint> joined) {
    for (Endpoint each : joined) {
      Conntrack.forget(Ip4.inet(each.address()));
      Ip6 address6 = each.address6();
      if (address6 != null) {
        Conntrack.forget(address6.inet());
      }
    }
  }

  private static List<Element> elements(List<HostPort> reserved) {
    return reserved.stream().map(HostPort::elements).flatMap(List::stream).toList();
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
      SandboxRequest request, List<Endpoint> joined, Gateways gateways, List<HostPort> reserved) {
    return new SandboxRecord(
        request.containerId(),
        request.containerName(),
        request.networking().mode(),
        Endpoints.commonNames(request),
        request.networking().dns(),
        joined.stream().map(Endpoint::record).toList(),
        gateways.ipv4(),
        gateways.ipv6(),
        reserved.stream().map(HostPort::bindings).flatMap(List::stream).toList(),
        request.networking().dnsOptions().stream().anyMatch(each -> each.startsWith("ndots:")));
  }

  /** What a sandbox gives back. */
  private record Held(
      String containerId,
      NetworkNamespace namespace,
      List<Endpoint> joined,
      List<HostPort> reserved) {}
}
