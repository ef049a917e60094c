package io.jcompose.network.sandbox;

import io.jcompose.core.JcomposeException;
import io.jcompose.core.sync.Rollback;
import io.jcompose.linux.netlink.NetworkNamespace;
import io.jcompose.network.NetworkConfig;
import io.jcompose.network.Sandbox;
import io.jcompose.network.SandboxRecord;
import io.jcompose.network.SandboxRecord.EndpointRecord;
import io.jcompose.network.SandboxRequest;
import io.jcompose.network.address.Ip4;
import io.jcompose.network.catalog.Network;
import io.jcompose.network.dns.DnsServer;
import io.jcompose.network.dns.DnsSockets;
import io.jcompose.network.dns.Resolvers;
import io.jcompose.network.firewall.Firewall;
import io.jcompose.network.port.PublishedPorts;
import io.jcompose.network.sandbox.NetworkMembership.Parts;
import io.jcompose.network.thread.KernelThreads;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens and adopts sandboxes. Owned by the network stack; thread-safe. */
public final class Sandboxes {

  private static final Logger LOG = LoggerFactory.getLogger(Sandboxes.class);

  private final Parts parts;
  private final PublishedPorts ports;
  private final Resolvers resolvers;
  private final NetworkConfig config;

  /** Those with a namespace of their own. */
  private final Set<NetworkMembership> open = ConcurrentHashMap.newKeySet();

  /** Those adopted with interfaces that their records have not. */
  private final Set<NetworkMembership> doubtful = ConcurrentHashMap.newKeySet();

  public Sandboxes(
      NetworkConfig config,
      Endpoints endpoints,
      Firewall firewall,
      KernelThreads threads,
      Namespaces namespaces,
      Resolvers resolvers,
      DnsServer dns,
      PublishedPorts ports) {
    this.config = config;
    this.resolvers = resolvers;
    this.ports = ports;
    this.parts =
        new Parts(endpoints, namespaces, new SandboxNames(dns, namespaces), firewall, threads);
  }

  public Sandbox open(SandboxRequest request) {
    NameChecks.check(request.networking(), request.hostname(), request.domainname());
    return switch (request.networking().mode()) {
      case "host" -> openHost(request);
      case "none" -> openEmpty(request);
      case "networks" -> openJoined(request);
      default ->
          throw new JcomposeException.InvalidArgument(
              "network mode " + request.networking().mode() + " has no sandbox of its own");
    };
  }

  /** The host's ends of the veth pairs that are in use, and the networks that they are on. */
  Map<String, Network> hostInterfaces() {
    return parts.endpoints().hostInterfaces();
  }

  /**
   * Gives adopted containers back the default routes that may have gone with interfaces which none
   * of them claims. Others keep it that they have none. On a platform thread.
   */
  void restoreRoutes() {
    for (NetworkMembership each : List.copyOf(doubtful)) {
      doubtful.remove(each);
      try {
        each.restoreRoutes();
      } catch (RuntimeException e) {
        LOG.warn("the default routes of container {} are not looked at", each.name(), e);
      }
    }
  }

  /**
   * Closes the sockets of all ports and the handles of all namespaces, as the engine's end does.
   */
  public void close() {
    ports.close();
    open.forEach(NetworkMembership::closeHandle);
  }

  public Sandbox adopt(SandboxRecord record, Path path) {
    if (record.mode().equals("host")) {
      return new OpenSandbox(-1, OpenSandbox.Files.ADOPTED, new Membership.None(record, () -> {}));
    }
    try (Rollback held = new Rollback()) {
      NetworkNamespace namespace = NetworkNamespace.at(path.toString());
      held.push("close namespace", namespace::close);
      if (record.mode().equals("none")) {
        held.commit();
        return new OpenSandbox(
            namespace.fd(),
            OpenSandbox.Files.ADOPTED,
            new Membership.None(record, namespace::close));
      }
      NetworkMembership adopted = adopt(record, namespace, held);
      open.add(adopted);
      held.commit();
      return new OpenSandbox(namespace.fd(), OpenSandbox.Files.ADOPTED, adopted);
    }
  }

  private NetworkMembership adopt(SandboxRecord record, NetworkNamespace namespace, Rollback held) {
    List<Endpoint> endpoints = new ArrayList<>();
    for (EndpointRecord endpoint : record.endpoints()) {
      parts.endpoints().rejoin(record, endpoint, held).ifPresent(endpoints::add);
    }
    Joined joined = new Joined(endpoints, Gateways.of(record, endpoints));
    SandboxPorts own = new SandboxPorts(ports, parts.firewall(), parts.threads(), record);
    own.adopt(record.ports(), joined.target(), held);
    boolean more =
        parts
            .threads()
            .call(
                held,
                undo -> {
                  own.open(undo);
                  return sweep(namespace, joined);
                });
    endpoints.forEach(SandboxNames::add);
    held.push("remove names", () -> endpoints.forEach(SandboxNames::remove));
    held.push("stop name server", () -> parts.names().stop(record.containerId()));
    parts.names().adopt(record, joined, namespace);
    NetworkMembership adopted =
        new NetworkMembership(parts, namespace, record, joined, own, this::forget);
    if (more) {
      doubtful.add(adopted);
    }
    return adopted;
  }

  private void forget(NetworkMembership released) {
    open.remove(released);
    doubtful.remove(released);
  }

  /** Says whether there may be more to go, which the host's side shows. */
  private boolean sweep(NetworkNamespace namespace, Joined joined) {
    try {
      Namespaces.Swept swept = parts.namespaces().sweep(namespace, joined);
      if (swept.any()) {
        parts.namespaces().routing(namespace, DefaultRoutes.of(joined)::restore);
      }
      return swept.mayHaveMore();
    } catch (RuntimeException e) {
      // what it has is worth more than what it has too much
      LOG.warn("a container may have interfaces that are to go", e);
      return false;
    }
  }

  private Sandbox openHost(SandboxRequest request) {
    OpenSandbox.Files files =
        new OpenSandbox.Files(
            ContainerFiles.hostResolvConf(request.networking(), resolvers),
            ContainerFiles.hostHosts(config.hosts(), request.networking().extraHosts()));
    return new OpenSandbox(-1, files, new Membership.None(record(request), () -> {}));
  }

  private Sandbox openEmpty(SandboxRequest request) {
    OpenSandbox.Files files =
        new OpenSandbox.Files(
            ContainerFiles.hostResolvConf(request.networking(), resolvers),
            ContainerFiles.hosts(request, "", List.of()));
    NetworkNamespace namespace =
        parts
            .threads()
            .call(
                () ->
                    parts
                        .namespaces()
                        .make(request.namespace(), Joined.of(List.of()), false)
                        .namespace());
    return new OpenSandbox(
        namespace.fd(), files, new Membership.None(record(request), namespace::close));
  }

  private Sandbox openJoined(SandboxRequest request) {
    try (Rollback held = new Rollback()) {
      SandboxRecord record = record(request);
      List<Endpoint> endpoints =
          parts.endpoints().join(record, request.networking().endpoints(), held);
      Joined joined = Joined.of(endpoints);
      OpenSandbox.Files files = files(request, joined);
      SandboxPorts own = new SandboxPorts(ports, parts.firewall(), parts.threads(), record);
      own.reserve(joined.target(), held);
      Namespaces.Made made = make(request, joined, own, held);
      NetworkNamespace namespace = made.namespace();
      endpoints.forEach(SandboxNames::add);
      held.push("remove names", () -> endpoints.forEach(SandboxNames::remove));
      DnsSockets inside = made.nameServer();
      if (inside != null) {
        held.push("stop name server", () -> parts.names().stop(request.containerId()));
        parts.names().start(record, joined, namespace, inside);
      }
      NetworkMembership opened =
          new NetworkMembership(parts, namespace, record, joined, own, this::forget);
      open.add(opened);
      held.commit();
      return new OpenSandbox(namespace.fd(), files, opened);
    }
  }

  private Namespaces.Made make(
      SandboxRequest request, Joined joined, SandboxPorts own, Rollback held) {
    return parts
        .threads()
        .call(
            held,
            undo -> {
              parts.endpoints().ready(joined.endpoints());
              Namespaces.Made result = parts.namespaces().make(request.namespace(), joined, true);
              undo.push("close namespace", result.namespace()::close);
              DnsSockets names = result.nameServer();
              if (names != null) {
                undo.push("close name server", names::close);
              }
              undo.push(
                  "cut interfaces off",
                  () ->
                      parts
                          .threads()
                          .run(() -> parts.cutOff(result.namespace(), joined.endpoints())));
              own.open(undo);
              return result;
            });
  }

  private OpenSandbox.Files files(SandboxRequest request, Joined joined) {
    Endpoint main = joined.isEmpty() ? null : joined.gateways().main(joined.endpoints());
    return new OpenSandbox.Files(
        ContainerFiles.resolvConf(request.networking(), resolvers),
        ContainerFiles.hosts(
            request,
            main != null && main.network().driver().hasGateway()
                ? Ip4.format(main.network().gateway())
                : "",
            joined.endpoints().stream()
                .flatMap(
                    each -> Stream.of(each.record().ipv4Address(), each.record().ipv6Address()))
                .filter(address -> !address.isEmpty())
                .toList()));
  }

  /** Of a sandbox that is on no network yet. */
  private static SandboxRecord record(SandboxRequest request) {
    return new SandboxRecord(
        request.containerId(),
        request.containerName(),
        request.networking().mode(),
        Endpoints.commonNames(request),
        request.networking().dns(),
        List.of(),
        -1,
        -1,
        List.of(),
        request.networking().ports(),
        request.networking().dnsOptions().stream().anyMatch(each -> each.startsWith("ndots:")));
  }
}
