package io.jcompose.network.sandbox;

import io.jcompose.core.ContainerView.EndpointView;
import io.jcompose.core.Networking.EndpointSpec;
import io.jcompose.core.sync.Rollback;
import io.jcompose.linux.netlink.NetworkNamespace;
import io.jcompose.network.SandboxRecord;
import io.jcompose.network.address.Ip4;
import io.jcompose.network.address.Ip6;
import io.jcompose.network.firewall.Conntrack;
import io.jcompose.network.firewall.Firewall;
import io.jcompose.network.link.HostLinks;
import io.jcompose.network.thread.KernelThreads;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * That of a container in a namespace of its own: joins networks and leaves them while it runs.
 * Changed in the container's turn; every thread may read it.
 */
final class NetworkMembership implements Membership {
  private final Parts parts;
  private final NetworkNamespace namespace;
  private final SandboxPorts ports;
  private final Consumer<NetworkMembership> released;
  private volatile Joined joined;
  private volatile SandboxRecord record;

  /**
   * @param ports as they are by now
   * @param released is notified when all is given back
   */
  NetworkMembership(
      Parts parts,
      NetworkNamespace namespace,
      SandboxRecord record,
      Joined joined,
      SandboxPorts ports,
      Consumer<NetworkMembership> released) {
    this.parts = parts;
    this.namespace = namespace;
    this.ports = ports;
    this.released = released;
    this.joined = joined;
    this.record = joined.record(record, ports.bindings());
  }

  @Override
  public SandboxRecord record() {
    return record;
  }

  /** The container's. */
  String name() {
    return record.containerName();
  }

  @Override
  public List<EndpointView> views() {
    return joined.endpoints().stream().map(Endpoint::view).toList();
  }

  @Override
  public void join(EndpointSpec spec) {
    try (Rollback held = new Rollback()) {
      Joined before = joined;
      // a container may have made interfaces of its own
      Set<String> taken = parts.threads.call(() -> parts.namespaces.interfaces(namespace));
      Endpoint added = parts.endpoints.join(record, before.endpoints(), spec, taken, held);
      parts.threads.run(
          held,
          undo -> {
            parts.endpoints.ready(List.of(added));
            undo.push("delete interface", () -> delete(added));
            parts.namespaces.add(namespace, added);
          });
      Joined after = before.with(added);
      SandboxNames.add(added);
      held.push("remove names", () -> SandboxNames.remove(added));
      held.push("route as before", () -> route(after, before));
      route(before, after);
      movePorts(before, after, held);
      become(after);
      held.commit();
    }
  }

  /** A flow that was led to an endpoint keeps its way there. */
  private void movePorts(Joined before, Joined after, Rollback held) {
    boolean moved = !Objects.equals(before.target(), after.target()) && ports.areLedOn();
    ports.move(after.target(), held);
    if (moved) {
      parts.threads.run(() -> forgetFlows(before.endpoints()));
    }
  }

  private void become(Joined after) {
    joined = after;
    record = after.record(record, ports.bindings());
    parts.names.replace(record, after, namespace);
  }

  @Override
  public void leave(String networkId, Consumer<SandboxRecord> first) {
    for (Endpoint each : joined.endpoints()) {
      if (each.record().networkId().equals(networkId)) {
        leave(each, first);
      }
    }
  }

  /** Each step whatever becomes of the others, as in {@link #release}. */
  private void leave(Endpoint gone, Consumer<SandboxRecord> first) {
    Joined before = joined;
    Joined after = before.without(gone);
    first.accept(after.record(record, after.isEmpty() ? List.of() : ports.bindings()));
    try (Rollback steps = new Rollback()) {
      steps.push("leave network", () -> parts.endpoints.leave(gone, record.containerId()));
      steps.push("forget flows", () -> parts.threads.run(() -> forgetFlows(List.of(gone))));
      steps.push("delete interface", () -> delete(gone));
      steps.push("route elsewhere", () -> route(before, after));
      steps.push("see other names", () -> become(after));
      steps.push("lead ports elsewhere", () -> ports.moveAnyhow(after.target()));
      steps.push("remove names", () -> SandboxNames.remove(gone));
    }
  }

  /** Lets the default routes go by other endpoints, where they are others. */
  private void route(Joined from, Joined to) {
    DefaultRoutes routes = DefaultRoutes.between(from, to);
    if (!routes.isEmpty()) {
      parts.threads.run(() -> parts.namespaces.routing(namespace, routes::replace));
    }
  }

  /** Adds the default routes that the container should have and has not. On a platform thread. */
  void restoreRoutes() {
    parts.namespaces.routing(namespace, DefaultRoutes.of(joined)::restore);
  }

  private void delete(Endpoint endpoint) {
    Set<String> others =
        joined.endpoints().stream()
            .filter(each -> !each.equals(endpoint))
            .map(each -> each.record().interfaceName())
            .collect(Collectors.toSet());
    parts.threads.run(() -> parts.namespaces.delete(namespace, endpoint, others));
  }

  /** The engine ends; the container goes on. */
  void closeHandle() {
    namespace.close();
  }

  /**
   * Each step whatever becomes of the others: what one of them keeps would be kept for the engine's
   * life. Addresses are last, for until the interfaces are cut off the old owner has them.
   */
  @Override
  public void release() {
    List<Endpoint> all = joined.endpoints();
    try (Rollback steps = new Rollback()) {
      steps.push(
          "leave networks",
          () -> all.forEach(each -> parts.endpoints.leave(each, record.containerId())));
      steps.push("close namespace", namespace::close);
      steps.push("forget namespace", () -> released.accept(this));
      if (ports.areLedOn()) {
        steps.push("forget flows", () -> parts.threads.run(() -> endFlows(all)));
      }
      steps.push("cut interfaces off", () -> parts.threads.run(() -> parts.cutOff(namespace, all)));
      steps.push("release ports", ports::release);
      steps.push("close name server", () -> parts.names.stop(record.containerId()));
      steps.push("remove names", () -> all.forEach(SandboxNames::remove));
    }
  }

  /** As long as the firewall leads to an address, whoever asks for the port begins a new flow. */
  private void endFlows(List<Endpoint> gone) {
    try {
      parts.firewall.flush();
    } finally {
      forgetFlows(gone);
    }
  }

  /**
   * Whoever is at an address next gets nothing that was led to who was there before. Before the
   * address is given back, for the flows of the next one must stay.
   */
  private static void forgetFlows(List<Endpoint> gone) {
    for (Endpoint each : gone) {
      Conntrack.forget(Ip4.inet(each.address()));
      Ip6 address6 = each.address6();
      if (address6 != null) {
        Conntrack.forget(address6.inet());
      }
    }
  }

  /** What all memberships work with. */
  record Parts(
      Endpoints endpoints,
      Namespaces namespaces,
      SandboxNames names,
      Firewall firewall,
      KernelThreads threads) {
    /**
     * The namespace may live on, with a program that shares it or until the kernel comes to it: its
     * addresses are another container's then. On a platform thread.
     */
    void cutOff(NetworkNamespace namespace, List<Endpoint> joined) {
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
  }
}
