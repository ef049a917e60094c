package io.jcompose.network;

import io.jcompose.core.Ids;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Networks;
import io.jcompose.core.Rollback;
import io.jcompose.network.SubnetChoice.Ranges;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The networks of this engine: each a bridge with addresses and firewall elements. Owned by the
 * network stack. Names and subnets are guarded by {@code this}; kernel and disk work is done
 * outside of the lock.
 */
final class BridgeNetworks implements Networks {
  private static final Logger LOG = LoggerFactory.getLogger(BridgeNetworks.class);

  private final NetworkConfig config;
  private final Catalog catalog;
  private final KernelThreads threads;
  private final Firewall firewall;
  private final Notices notices;
  private final String owner;
  private final Map<String, Network> networks = new ConcurrentHashMap<>();

  /** Bridges that are being deleted, by network id. */
  private final Map<String, CompletableFuture<Void>> deletions = new ConcurrentHashMap<>();

  /** Name to pools of networks that are being made. */
  private final Map<String, List<Pool>> pending = new HashMap<>();

  BridgeNetworks(NetworkConfig config, KernelThreads threads, Firewall firewall, Notices notices) {
    this.config = config;
    this.notices = notices;
    this.catalog = new Catalog(config.stateDir());
    this.threads = threads;
    this.firewall = firewall;
    this.owner = config.table();
  }

  /** Loads the records, makes what a reboot took, and removes bridges of networks long gone. */
  void load() {
    catalog.load().forEach(network -> networks.put(network.id(), network));
    Set<String> bridges =
        networks.values().stream().map(Network::bridge).collect(Collectors.toSet());
    for (HostLinks.Link link : HostLinks.links()) {
      if (link.alias().equals(owner) && !bridges.contains(link.name())) {
        LOG.info("removing bridge {} of a network that is gone", link.name());
        HostLinks.delete(link.name());
      }
    }
    for (Network network : networks.values()) {
      if (network.isMacvlan()) {
        continue;
      }
      forward(network);
      network.bridgeIndex(HostLinks.addBridge(network, owner));
      firewall.add(network.elements());
    }
  }

  @Override
  public String create(NetworkSpec spec) {
    check(spec);
    DriverOptions options = DriverOptions.parse(spec.driver(), spec.options());
    checkOptions(spec, options);
    // routes of bridges on their way out would hide their subnets
    deletions.values().forEach(CompletableFuture::join);
    Ranges routes = threads.call(HostLinks::routes);
    String id = Ids.next();
    List<Pool> pools = reserve(spec, routes);
    try {
      NetworkSpec full =
          new NetworkSpec(
              spec.name(),
              spec.driver().isEmpty() ? "bridge" : spec.driver(),
              spec.options(),
              spec.internal(),
              spec.attachable(),
              spec.ipv6(),
              pools,
              spec.labels());
      String bridge =
          !options.parent().isEmpty()
              ? ""
              : options.bridge().isEmpty() ? "jc" + Ids.brief(id) : options.bridge();
      make(
          new NetworkRecord(
              id,
              full,
              names(spec, pools.getFirst()),
              names(spec, pools.getLast()),
              bridge,
              Instant.now().toString()));
    } finally {
      synchronized (this) {
        pending.remove(spec.name());
      }
    }
    return id;
  }

  @Override
  public void remove(String ref) {
    Optional<Network> found = lookup(ref);
    if (found.isEmpty()) {
      return;
    }
    Network network = found.get();
    network.beginRemoval();
    // from here on a start of the engine finishes the removal: a bridge without a record goes
    catalog.delete(network.id());
    if (network.isMacvlan()) {
      networks.remove(network.id());
      return;
    }
    firewall.remove(network.elements());
    // the kernel takes 50 ms for a bridge with ports; nobody needs to wait but who makes a new one
    CompletableFuture<Void> deletion = new CompletableFuture<>();
    deletions.put(network.id(), deletion.completeOnTimeout(null, 30, TimeUnit.SECONDS));
    threads.later(
        () -> {
          try {
            HostLinks.delete(network.bridge());
            firewall.flush();
          } catch (RuntimeException e) {
            LOG.warn("bridge {} goes with the engine's next start", network.bridge(), e);
          } finally {
            deletions.remove(network.id());
            deletion.complete(null);
          }
        });
    networks.remove(network.id());
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

  /** By id, name, or unique id prefix, in this order. */
  Optional<Network> lookup(String ref) {
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

  /** The bridges' interface indexes. */
  Set<Integer> bridgeIndexes() {
    return networks.values().stream().map(Network::bridgeIndex).collect(Collectors.toSet());
  }

  private void make(NetworkRecord wanted) {
    try (Rollback rollback = new Rollback()) {
      Network draft = new Network(wanted);
      if (draft.isMacvlan()) {
        catalog.write(wanted);
        networks.put(wanted.id(), draft);
        return;
      }
      rollback.push(
          "delete bridge " + wanted.bridge(),
          () -> threads.run(() -> HostLinks.delete(wanted.bridge())));
      int index =
          threads.call(
              () -> {
                forward(draft);
                return HostLinks.addBridge(draft, owner);
              });
      Network network = new Network(wanted);
      network.bridgeIndex(index);
      rollback.push("remove firewall elements", () -> drop(network));
      threads.run(() -> firewall.add(network.elements()));
      rollback.push("delete record", () -> catalog.delete(wanted.id()));
      catalog.write(wanted);
      networks.put(wanted.id(), network);
      rollback.commit();
    }
  }

  private static void forward(Network network) {
    if (network.ipv6() != null) {
      Ip6Host.forward();
    }
  }

  private void drop(Network network) {
    if (firewall.remove(network.elements())) {
      threads.run(firewall::flush);
    }
  }

  private synchronized List<Pool> reserve(NetworkSpec spec, Ranges routes) {
    if (pending.containsKey(spec.name())
        || networks.values().stream().anyMatch(each -> each.name().equals(spec.name()))) {
      throw new JcomposeException.Conflict("network with name " + spec.name() + " already exists");
    }
    List<Subnet> ipv4 = new ArrayList<>();
    List<Subnet6> ipv6 = new ArrayList<>();
    Stream.concat(
            pending.values().stream(),
            networks.values().stream().map(each -> each.record().spec().pools()))
        .flatMap(List::stream)
        .forEach(
            pool -> {
              if (pool.subnet().indexOf(':') < 0) {
                ipv4.add(Subnet.parse(pool.subnet()));
              } else {
                ipv6.add(Subnet6.parse(pool.subnet()));
              }
            });
    Subnet6 local = Subnet6.local(Ip6Host.hostId());
    List<Pool> pools =
        SubnetChoice.choose(spec, config.addressPools(), local, new Ranges(ipv4, ipv6), routes);
    pending.put(spec.name(), pools);
    return pools;
  }

  /** The user asked for this very subnet. */
  private static boolean names(NetworkSpec spec, Pool chosen) {
    boolean ipv6 = chosen.subnet().indexOf(':') >= 0;
    return spec.pools().stream()
        .anyMatch(pool -> !pool.subnet().isEmpty() && pool.subnet().indexOf(':') >= 0 == ipv6);
  }

  private static void check(NetworkSpec spec) {
    if (!spec.name().matches("[a-zA-Z0-9][a-zA-Z0-9_.-]*")) {
      throw new JcomposeException.InvalidArgument("invalid network name: \"" + spec.name() + "\"");
    }
    if (Set.of("bridge", "host", "none", "default").contains(spec.name())) {
      throw new JcomposeException.PermissionDenied(
          "operation is not permitted on predefined " + spec.name() + " network");
    }
    if (Set.of("host", "none", "null").contains(spec.driver())) {
      throw new JcomposeException.PermissionDenied(
          "only one instance of \""
              + spec.driver()
              + "\" network is allowed: name the one there is by external: true and name: "
              + spec.driver());
    }
    if (!Set.of("", "bridge", "macvlan").contains(spec.driver())) {
      throw new JcomposeException.NotSupported(
          "network driver \"" + spec.driver() + "\" is not supported; bridge and macvlan are");
    }
    if (spec.ipv6() && !Ip6Host.isPresent()) {
      throw new JcomposeException.NotSupported(
          "network " + spec.name() + ": the kernel of this host has no IPv6");
    }
  }

  private void checkOptions(NetworkSpec spec, DriverOptions options) {
    boolean isolated =
        options.mode4() == GatewayMode.ISOLATED || options.mode6() == GatewayMode.ISOLATED;
    if (isolated && !spec.internal()) {
      throw new JcomposeException.InvalidArgument(
          "network "
              + spec.name()
              + ": gateway mode isolated is for internal networks; give it internal: true");
    }
    if (options.parent().isEmpty()) {
      checkBridgeName(options.bridge());
      return;
    }
    if (threads.call(() -> HostLinks.index(options.parent())).isEmpty()) {
      throw new JcomposeException.NotFound(
          "network "
              + spec.name()
              + ": the host has no interface "
              + options.parent()
              + " (driver_opts parent); an interface of a VLAN must be made beforehand");
    }
    for (Network other : networks.values()) {
      if (other.options().parent().equals(options.parent())) {
        throw new JcomposeException.Conflict(
            "network " + other.name() + " is already using parent interface " + options.parent());
      }
    }
  }

  /** A bridge that somebody else made would be taken over, and deleted with the network. */
  private void checkBridgeName(String name) {
    if (!name.isEmpty() && threads.call(() -> HostLinks.index(name)).isPresent()) {
      throw new JcomposeException.Conflict(
          "interface "
              + name
              + " (com.docker.network.bridge.name) exists already; choose another name");
    }
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
