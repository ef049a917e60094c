package io.jcompose.network.catalog;

import io.jcompose.core.Ids;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Networks;
import io.jcompose.core.sync.Rollback;
import io.jcompose.network.NetworkConfig;
import io.jcompose.network.dns.Resolvers;
import io.jcompose.network.driver.Driver;
import io.jcompose.network.driver.Drivers;
import io.jcompose.network.firewall.Firewall;
import io.jcompose.network.firewall.Forwarding;
import io.jcompose.network.ipam.HostRoutes;
import io.jcompose.network.ipam.Reservations;
import io.jcompose.network.link.HostLinks;
import io.jcompose.network.link.Ip6Host;
import io.jcompose.network.nft.NftBatch.Element;
import io.jcompose.network.notice.Notices;
import io.jcompose.network.thread.KernelThreads;
import java.net.InetAddress;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The networks of this engine: each with addresses, and a bridge and firewall elements as its
 * driver has it. Owned by the network stack. Kernel and disk work is done outside of the lock of
 * the {@link Reservations}.
 */
public final class EngineNetworks implements Networks {
  private static final Logger LOG = LoggerFactory.getLogger(EngineNetworks.class);

  private final NetworkRecords records;
  private final KernelThreads threads;
  private final Firewall firewall;
  private final Forwarding forwarding;
  private final Resolvers resolvers;
  private final Notices notices;
  private final UnaryOperator<NetworkSpec> defaults;
  private final String owner;
  private final Map<String, Network> networks = new ConcurrentHashMap<>();

  /** Held while a bridge is made that may be there: several find out at once that it is gone. */
  private final ReentrantLock raising = new ReentrantLock();

  /** Bridges that are being deleted, by network id. */
  private final Map<String, CompletableFuture<Void>> deletions = new ConcurrentHashMap<>();

  private final Reservations reservations;

  public EngineNetworks(
      NetworkConfig config,
      KernelThreads threads,
      Firewall firewall,
      Forwarding forwarding,
      Resolvers resolvers,
      Notices notices) {
    this.reservations =
        new Reservations(
            config.addressPools(), () -> networks.values().stream().map(Network::view));
    this.forwarding = forwarding;
    this.resolvers = resolvers;
    this.notices = notices;
    this.records = new NetworkRecords(config.stateDir());
    this.threads = threads;
    this.firewall = firewall;
    this.owner = config.table();
    this.defaults = config::over;
  }

  /** Loads the records; the host stays as it is. Gives what the firewall is to hold. */
  public List<Element> load() {
    records.load().forEach(network -> networks.put(network.id(), network));
    return networks.values().stream().map(Network::elements).flatMap(List::stream).toList();
  }

  /**
   * Removes bridges of networks long gone and makes what a reboot took. A network that cannot be
   * made is a notice: it must not keep the others from coming back.
   */
  public void raise() {
    Set<String> bridges = all().stream().map(Network::bridge).collect(Collectors.toSet());
    HostLinks.links().stream()
        .filter(link -> link.isBridgeOf(owner) && !bridges.contains(link.name()))
        .forEach(EngineNetworks::sweep);
    all().stream().filter(Network::hasBridge).forEach(this::attempt);
  }

  private static void sweep(HostLinks.Link bridge) {
    LOG.info("removing bridge {} of a network that is gone", bridge.name());
    try {
      HostLinks.delete(bridge);
    } catch (RuntimeException e) {
      LOG.warn("bridge {} stays until the engine's next start", bridge.name(), e);
    }
  }

  /** Makes a network's bridge unless it is there; a failure is a notice. */
  public boolean attempt(Network network) {
    try {
      raise(network);
      return true;
    } catch (RuntimeException e) {
      LOG.debug("network {} is not made", network.name(), e);
      network.bridgeIndex(0);
      notices.raise(
          notice(network),
          "network "
              + network.name()
              + " does not work, and no container starts on it: "
              + e.getMessage());
      return false;
    }
  }

  /**
   * Makes sure that a network's bridge is there: one that could not be made is tried again, one
   * that another program took away comes back. On a platform thread.
   */
  public void ready(Network network) {
    if (network.hasBridge()
        && (network.bridgeIndex() == 0
            || HostLinks.index(network.bridge()).orElse(0) != network.bridgeIndex())) {
      raise(network);
    }
  }

  /** On a platform thread. */
  private void raise(Network network) {
    raising.lock();
    try {
      forward(network);
      int index = network.driver().make(network, owner);
      if (network.isRemoved()) {
        HostLinks.delete(network.bridge(), owner);
        return;
      }
      firewall.ensure(network.elements());
      network.bridgeIndex(index);
      notices.clear(notice(network));
    } catch (JcomposeException.Conflict e) {
      // what decides over another program's interface is not for us to have
      firewall.remove(network.elements());
      firewall.flush();
      throw e;
    } finally {
      raising.unlock();
    }
  }

  private static String notice(Network network) {
    return "network " + network.id();
  }

  /** Every network there is. */
  public Collection<Network> all() {
    return List.copyOf(networks.values());
  }

  @Override
  public String create(NetworkSpec asked) {
    NetworkSpec spec = defaults.apply(asked);
    NetworkChecks.check(spec);
    Driver driver = Drivers.of(spec.driver(), spec.options());
    // bridges on their way out would hide their subnets by their routes, and hold their names
    deletions.values().forEach(CompletableFuture::join);
    HostRoutes routes =
        reservations.choosesFor(spec)
            ? threads.call(() -> reservations.routes(resolvers.nameServers()))
            : HostRoutes.NONE;
    try (Rollback rollback = new Rollback()) {
      List<Pool> pools = reservations.reserve(spec, routes);
      rollback.push("give the subnets back", () -> reservations.giveBack(spec));
      NetworkChecks.checkOptions(spec, driver, this::isLink, networks.values());
      NetworkRecord record = record(spec, driver, pools);
      make(record, rollback);
      rollback.commit();
      reservations.giveBack(spec);
      LOG.info("network {} made: {}", spec.name(), record.id());
      return record.id();
    }
  }

  private boolean isLink(String name) {
    return threads.call(() -> HostLinks.index(name)).isPresent();
  }

  private static NetworkRecord record(NetworkSpec spec, Driver driver, List<Pool> pools) {
    String id = Ids.next();
    NetworkSpec full =
        spec.with().driver(spec.driver().isEmpty() ? "bridge" : spec.driver()).pools(pools).build();
    return new NetworkRecord(
        id,
        full,
        names(spec, pools.getFirst()),
        names(spec, pools.getLast()),
        driver.bridge(id),
        Instant.now().toString());
  }

  @Override
  public List<JcomposeException> problems(NetworkSpec asked, String former) {
    try {
      NetworkSpec spec = defaults.apply(asked);
      NetworkChecks.check(spec);
      Driver driver = Drivers.of(spec.driver(), spec.options());
      Network before = networks.get(former);
      if (before == null || !before.options().hasSameLinks(driver.options())) {
        NetworkChecks.checkOptions(spec, driver, this::isLink, networks.values());
      }
      reservations.check(spec, former);
      return List.of();
    } catch (JcomposeException e) {
      return List.of(e);
    }
  }

  @Override
  public void remove(String ref) {
    Optional<Network> found = lookup(ref);
    if (found.isEmpty()) {
      return;
    }
    Network network = found.get();
    network.beginRemoval();
    try {
      // from here on a start of the engine finishes the removal: a bridge without a record goes
      records.delete(network.id());
    } catch (RuntimeException e) {
      network.cancelRemoval();
      throw e;
    }
    LOG.info("network {} removed: {}", network.name(), network.id());
    notices.clear(notice(network));
    if (!network.hasBridge()) {
      networks.remove(network.id());
      return;
    }
    firewall.remove(network.elements());
    // the kernel takes 50 ms for a bridge with ports; nobody needs to wait but who makes a new one
    CompletableFuture<Void> deletion = new CompletableFuture<>();
    deletions.put(network.id(), deletion.completeOnTimeout(null, 30, TimeUnit.SECONDS));
    threads.later(() -> delete(network, deletion));
    networks.remove(network.id());
  }

  private void delete(Network network, CompletableFuture<Void> deletion) {
    try {
      HostLinks.delete(network.bridge(), owner);
    } catch (RuntimeException e) {
      LOG.warn("bridge {} goes with the engine's next start", network.bridge(), e);
    }
    try {
      firewall.flush();
      forwarding.release(network.id());
    } catch (RuntimeException e) {
      LOG.warn("the firewall keeps network {} for now", network.name(), e);
    } finally {
      deletions.remove(network.id());
      deletion.complete(null);
    }
  }

  @Override
  public Optional<NetworkView> find(String ref) {
    return lookup(ref).map(Network::view);
  }

  @Override
  public List<NetworkView> list(Map<String, String> labels) {
    return networks.values().stream()
        .map(Network::view)
        .filter(view -> carries(view.spec().labels(), labels))
        .sorted(Comparator.comparing(NetworkView::name))
        .toList();
  }

  @Override
  public List<String> warnings() {
    return notices.texts();
  }

  /** A container that has no way to other networks may ask the host itself, by its gateway. */
  public boolean isOnInternalOne(InetAddress client) {
    return networks.values().stream().anyMatch(each -> each.isInternal() && each.has(client));
  }

  /** By id, name, or unique id prefix, in this order. */
  public Optional<Network> lookup(String ref) {
    Network byId = networks.get(ref);
    if (byId != null) {
      return Optional.of(byId);
    }
    Optional<Network> byName =
        networks.values().stream().filter(each -> each.name().equals(ref)).findFirst();
    if (byName.isPresent() || ref.isEmpty()) {
      return byName;
    }
    List<Network> byPrefix =
        networks.values().stream().filter(each -> each.id().startsWith(ref)).toList();
    if (byPrefix.size() > 1) {
      throw new JcomposeException.InvalidArgument(
          "network " + ref + " is ambiguous (" + byPrefix.size() + " matches found on id prefix)");
    }
    return byPrefix.stream().findFirst();
  }

  private void make(NetworkRecord wanted, Rollback rollback) {
    Network draft = new Network(wanted);
    if (!draft.hasBridge()) {
      records.write(wanted);
      networks.put(wanted.id(), draft);
      return;
    }
    rollback.push("end forwarding", () -> threads.run(() -> forwarding.release(wanted.id())));
    rollback.push(
        "delete bridge " + wanted.bridge(),
        () -> threads.run(() -> HostLinks.delete(wanted.bridge(), owner)));
    int index =
        threads.call(
            rollback,
            undo -> {
              forward(draft);
              return draft.driver().make(draft, owner);
            });
    Network network = new Network(wanted);
    network.bridgeIndex(index);
    rollback.push("remove firewall elements", () -> drop(network));
    threads.run(rollback, undo -> firewall.add(network.elements()));
    rollback.push("delete record", () -> records.delete(wanted.id()));
    records.write(wanted);
    networks.put(wanted.id(), network);
  }

  /** Each time: others may have ended what they began, an engine with no networks too. */
  private void forward(Network network) {
    if (!network.isInternal()) {
      forwarding.enable(Forwarding.Family.IPV4, network.id());
    }
    if (network.ipv6() != null) {
      if (!Ip6Host.isPresent()) {
        throw new JcomposeException.NotSupported(
            "it has IPv6, which is switched off in the kernel of this host");
      }
      forwarding.enable(Forwarding.Family.IPV6, network.id());
    }
  }

  private void drop(Network network) {
    if (firewall.remove(network.elements())) {
      threads.run(firewall::flush);
    }
  }

  /** The user asked for this very subnet. */
  private static boolean names(NetworkSpec spec, Pool chosen) {
    boolean ipv6 = chosen.subnet().indexOf(':') >= 0;
    return spec.pools().stream()
        .anyMatch(pool -> !pool.subnet().isEmpty() && pool.subnet().indexOf(':') >= 0 == ipv6);
  }

  private static boolean carries(Map<String, String> has, Map<String, String> wanted) {
    return wanted.entrySet().stream()
        .allMatch(
            each ->
                has.containsKey(each.getKey())
                    && (each.getValue().isEmpty()
                        || each.getValue().equals(has.get(each.getKey()))));
  }
}
