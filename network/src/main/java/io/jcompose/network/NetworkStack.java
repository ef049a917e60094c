package io.jcompose.network;

import io.jcompose.core.Networking;
import io.jcompose.core.Networks;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The networks of one engine on one host: bridges, addresses, firewall, published ports and names.
 * Opened once by the engine, closed when it ends; closing leaves what runs alone.
 *
 * <p>After a start the engine adopts each container that still runs, then calls {@link
 * #finishAdoption}. Methods block; callers run on virtual threads. Thread-safe.
 */
public final class NetworkStack implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(NetworkStack.class);
  private static final Path IP_FORWARD = Path.of("/proc/sys/net/ipv4/ip_forward");

  private final KernelThreads threads;
  private final Namespaces namespaces;
  private final Firewall firewall;
  private final ForeignFirewalls foreign;
  private final Notices notices = new Notices();
  private final Repairs repairs;
  private final FirewallWatch watch;
  private final DnsServer dns;
  private final Relays relays;
  private final BridgeNetworks networks;
  private final Sandboxes sandboxes;

  private NetworkStack(NetworkConfig config) {
    threads = new KernelThreads();
    namespaces = new Namespaces();
    firewall = new Firewall(config.table());
    Resolvers resolvers = new Resolvers(config.resolvConf());
    repairs = new Repairs(notices);
    dns = new DnsServer(resolvers, namespaces, notices, repairs);
    networks = new BridgeNetworks(config, threads, firewall, notices);
    relays = new Relays(notices);
    PublishedPorts ports = new PublishedPorts(config.publishAddresses(), relays, repairs);
    foreign = new ForeignFirewalls(config.table(), ports::areRelayed, notices);
    sandboxes =
        new Sandboxes(config, networks, firewall, threads, namespaces, resolvers, dns, ports);
    threads.run(
        () -> {
          forward();
          firewall.install();
          networks.load();
          foreign.pass();
        });
    watch = new FirewallWatch(firewall, foreign);
  }

  /**
   * Loads the networks and makes the host match: the firewall table, forwarding, bridges that a
   * reboot took. Rules of published ports stay until {@link #finishAdoption}.
   *
   * @throws io.jcompose.core.JcomposeException.Unavailable when nft is not installed
   */
  public static NetworkStack open(NetworkConfig config) {
    return new NetworkStack(config);
  }

  /**
   * Refuses settings of a container's names that cannot be kept, before anything is made.
   *
   * @throws io.jcompose.core.JcomposeException.InvalidArgument naming the setting
   */
  public static void checkNames(Networking networking, String hostname, String domainname) {
    NameChecks.check(networking, hostname, domainname);
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
   * @param pid a process in the namespace
   */
  public Sandbox adopt(SandboxRecord record, long pid) {
    return sandboxes.adopt(record, pid);
  }

  /**
   * Removes interfaces and rules that no adopted sandbox claims. Call once, after the last
   * adoption.
   */
  public void finishAdoption() {
    threads.run(
        () -> {
          firewall.synchronize();
          Set<Integer> bridges = networks.bridgeIndexes();
          // links first: a sandbox that opens meanwhile claims its interface before making it
          List<HostLinks.Link> links = HostLinks.links();
          Set<String> claimed = sandboxes.hostInterfaces();
          for (HostLinks.Link link : links) {
            if (link.name().startsWith("je")
                && bridges.contains(link.master())
                && !claimed.contains(link.name())) {
              LOG.info("removing interface {} of a container that is gone", link.name());
              HostLinks.delete(link.name());
            }
          }
        });
  }

  /**
   * Stops serving names and relaying; bridges, rules and containers stay. The firewall table goes
   * when there is no network.
   */
  @Override
  public void close() {
    watch.close();
    repairs.close();
    sandboxes.close();
    relays.close();
    dns.close();
    threads.close();
    if (firewall.uninstallIfUnused()) {
      foreign.withdraw();
    }
    namespaces.close();
  }

  /** Stays on after the engine ends, as with Docker: others may have come to need it. */
  private static void forward() {
    try {
      if (!Files.readString(IP_FORWARD).startsWith("1")) {
        Files.writeString(IP_FORWARD, "1");
      }
    } catch (IOException e) {
      throw new UncheckedIOException("failed to switch on " + IP_FORWARD, e);
    }
  }
}
