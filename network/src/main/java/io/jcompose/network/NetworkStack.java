package io.jcompose.network;

import io.jcompose.core.Networking;
import io.jcompose.core.Networking.EndpointSpec;
import io.jcompose.core.Networks;
import io.jcompose.network.catalog.EngineNetworks;
import io.jcompose.network.dns.DnsServer;
import io.jcompose.network.dns.Resolvers;
import io.jcompose.network.firewall.Firewall;
import io.jcompose.network.firewall.FirewallWatch;
import io.jcompose.network.firewall.ForeignFirewalls;
import io.jcompose.network.firewall.Forwarding;
import io.jcompose.network.nft.NftBatch.Element;
import io.jcompose.network.notice.Notices;
import io.jcompose.network.notice.Repairs;
import io.jcompose.network.port.PublishedPorts;
import io.jcompose.network.port.Relays;
import io.jcompose.network.sandbox.ContainerFiles;
import io.jcompose.network.sandbox.Endpoints;
import io.jcompose.network.sandbox.LinkWatch;
import io.jcompose.network.sandbox.NameChecks;
import io.jcompose.network.sandbox.Namespaces;
import io.jcompose.network.sandbox.Sandboxes;
import io.jcompose.network.thread.KernelThreads;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * The networks of one engine on one host: bridges, addresses, firewall, published ports and names.
 * Opened once by the engine, closed when it ends; closing leaves what runs alone.
 *
 * <p>After a start the engine adopts each container that still runs, then calls {@link
 * #finishAdoption}. Methods block; callers run on virtual threads. Thread-safe.
 */
public final class NetworkStack implements AutoCloseable {
  private final KernelThreads threads;
  private final Namespaces namespaces;
  private final Firewall firewall;
  private final ForeignFirewalls foreign;
  private final Notices notices = new Notices();
  private final Repairs repairs;
  private final Forwarding forwarding;
  private final FirewallWatch watch;
  private final LinkWatch links;
  private final DnsServer dns;
  private final Relays relays;
  private final EngineNetworks networks;
  private final Sandboxes sandboxes;

  private NetworkStack(NetworkConfig config, Supplier<Stream<EndpointSpec>> known) {
    threads = new KernelThreads();
    namespaces = new Namespaces(config.table());
    firewall = new Firewall(config.table(), notices);
    forwarding = new Forwarding(config.stateDir(), config.forwardsForOthers(), firewall, notices);
    Resolvers resolvers = new Resolvers(config.resolvConf());
    repairs = new Repairs(notices);
    dns = new DnsServer(resolvers, notices, repairs, namespaces::serveInside);
    networks = new EngineNetworks(config, threads, firewall, forwarding, resolvers, notices);
    relays = new Relays(notices, networks::isOnInternalOne);
    PublishedPorts ports = new PublishedPorts(config.publishAddresses(), relays, repairs);
    foreign = new ForeignFirewalls(config.table(), ports::areRelayed, notices);
    Endpoints endpoints = new Endpoints(networks, known);
    sandboxes =
        new Sandboxes(config, endpoints, firewall, threads, namespaces, resolvers, dns, ports);
    threads.run(this::start);
    watch = new FirewallWatch(firewall, foreign);
    links = new LinkWatch(config.table(), networks, sandboxes);
  }

  private void start() {
    // all that the firewall holds comes first, so that no bridge is open for a moment
    List<Element> elements = new ArrayList<>(forwarding.load());
    elements.addAll(networks.load());
    firewall.install(elements);
    networks.raise();
    foreign.pass();
  }

  /**
   * Loads the networks and makes the host match: the firewall table, forwarding, bridges that a
   * reboot took. Rules of published ports stay until {@link #finishAdoption}.
   *
   * @throws io.jcompose.core.JcomposeException.Unavailable when nft is not installed
   */
  public static NetworkStack open(NetworkConfig config) {
    return open(config, Stream::empty);
  }

  /**
   * @param known endpoints of all containers that there are, running or not: an address that one of
   *     them asks for is chosen for no other
   */
  public static NetworkStack open(NetworkConfig config, Supplier<Stream<EndpointSpec>> known) {
    return new NetworkStack(config, known);
  }

  /**
   * Refuses settings of a container's names that cannot be kept, before anything is made.
   *
   * @throws io.jcompose.core.JcomposeException.InvalidArgument naming the setting
   */
  public static void checkNames(Networking networking, String hostname, String domainname) {
    NameChecks.check(networking, hostname, domainname);
  }

  /**
   * The hosts file of a container that has left networks or joined some; what else it holds stays.
   *
   * @param gone addresses that the container has no more
   * @param come those that it has now
   * @param hostname of the container, not empty
   */
  public static String changedHosts(
      String hosts, List<String> gone, List<String> come, String hostname, String domainname) {
    return ContainerFiles.changed(hosts, gone, come, hostname, domainname);
  }

  /** The port for the upper layers. */
  public Networks networks() {
    return networks;
  }

  /**
   * Makes a namespace with its endpoints, ports and names; on failure nothing of it is left.
   *
   * @throws io.jcompose.core.JcomposeException.Conflict when a port or address is taken
   * @throws io.jcompose.core.JcomposeException.NotFound {@code network x not found}
   */
  public Sandbox open(SandboxRequest request) {
    return sandboxes.open(request);
  }

  /**
   * Takes over the sandbox of a task that runs since before this engine's start.
   *
   * @param namespace leads to it; a process by whose number alone it is found may be another's
   */
  public Sandbox adopt(SandboxRecord record, Path namespace) {
    return sandboxes.adopt(record, namespace);
  }

  /**
   * Removes interfaces and rules that no adopted sandbox claims. Call once, after the last
   * adoption.
   */
  public void finishAdoption() {
    threads.run(
        () -> {
          firewall.synchronize();
          links.settle();
          forwarding.settle();
        });
  }

  /**
   * Stops serving names and relaying; bridges, rules and containers stay. The firewall table goes
   * when there is no network.
   */
  @Override
  public void close() {
    watch.close();
    links.close();
    repairs.close();
    sandboxes.close();
    relays.close();
    dns.close();
    threads.close();
    if (!firewall.isUsed() && forwarding.end()) {
      firewall.uninstall();
      foreign.withdraw();
    }
    namespaces.close();
  }
}
