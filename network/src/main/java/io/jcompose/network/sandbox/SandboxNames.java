package io.jcompose.network.sandbox;

import io.jcompose.linux.netlink.NetworkNamespace;
import io.jcompose.network.SandboxRecord;
import io.jcompose.network.catalog.Network;
import io.jcompose.network.dns.ChannelFactory;
import io.jcompose.network.dns.DnsServer;
import io.jcompose.network.dns.DnsSockets;
import io.jcompose.network.dns.DnsView;
import io.jcompose.network.dns.NameTable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Containers' names on their networks, and what each container sees of names. Thread-safe. */
final class SandboxNames {
  private final DnsServer dns;
  private final Namespaces namespaces;

  SandboxNames(DnsServer dns, Namespaces namespaces) {
    this.dns = dns;
    this.namespaces = namespaces;
  }

  /** Serves a new container by sockets inside its namespace. */
  void start(SandboxRecord record, Joined joined, NetworkNamespace namespace, DnsSockets inside) {
    dns.start(record.containerId(), inside, view(record, joined, namespace));
  }

  /** Serves one that runs since before this engine's start. */
  void adopt(SandboxRecord record, Joined joined, NetworkNamespace namespace) {
    dns.adopt(record, namespace, view(record, joined, namespace));
  }

  /** Lets a container see other networks than before. */
  void replace(SandboxRecord record, Joined joined, NetworkNamespace namespace) {
    dns.replace(record.containerId(), view(record, joined, namespace));
  }

  void stop(String containerId) {
    dns.stop(containerId);
  }

  /** Tells a network the names of a container. */
  static void add(Endpoint endpoint) {
    endpoint.network().names().add(endpoint.member());
  }

  static void remove(Endpoint endpoint) {
    endpoint.network().names().remove(endpoint.member());
  }

  private DnsView view(SandboxRecord record, Joined joined, NetworkNamespace namespace) {
    List<Network> order = joined.byPriority().stream().map(Endpoint::network).toList();
    Map<String, String> links = new LinkedHashMap<>();
    for (Endpoint each : joined.endpoints()) {
      each.record()
          .links()
          .forEach((alias, name) -> links.put(NameTable.lower(alias), NameTable.lower(name)));
    }
    List<String> servers = record.dns();
    return new DnsView(
        order.stream().map(Network::names).toList(),
        links,
        servers,
        servers.isEmpty() ? ChannelFactory.HOST : namespaces.channels(namespace),
        record.keepsBareNames(),
        order.stream().allMatch(Network::isInternal));
  }
}
