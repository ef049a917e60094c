package io.jcompose.network.ipam;

import io.jcompose.core.JcomposeException;
import io.jcompose.core.Networks.NetworkSpec;
import io.jcompose.core.Networks.NetworkView;
import io.jcompose.core.Networks.Pool;
import io.jcompose.network.AddressPool;
import io.jcompose.network.address.Subnet;
import io.jcompose.network.address.Subnet6;
import io.jcompose.network.ipam.SubnetChoice.Ranges;
import io.jcompose.network.link.Ip6Host;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Names and subnets of networks that are being made, so that no two get the same. Who asks for a
 * name while another makes it waits for what comes of that. Guarded by itself.
 */
public final class Reservations {
  private static final Duration MAKING_LIMIT = Duration.ofSeconds(60);

  private final List<AddressPool> defaults;
  private final Supplier<Stream<NetworkView>> networks;
  private final Map<String, List<Pool>> pending = new HashMap<>();

  /**
   * @param networks those that are made, as they are at each moment
   */
  public Reservations(List<AddressPool> defaults, Supplier<Stream<NetworkView>> networks) {
    this.defaults = defaults;
    this.networks = networks;
  }

  /** A subnet of the network is for the engine to choose. */
  public boolean choosesFor(NetworkSpec spec) {
    boolean has4 = spec.pools().stream().anyMatch(pool -> isIpv4(pool) && !pool.subnet().isEmpty());
    boolean has6 = spec.pools().stream().anyMatch(pool -> !isIpv4(pool));
    return !has4 || (spec.ipv6() && !has6);
  }

  /** What the host reaches where a subnet may be chosen; on a platform thread. */
  public HostRoutes routes(List<String> nameServers) {
    return HostRoutes.read(nameServers, defaults, local());
  }

  /**
   * The pools of a new network, until they are given back.
   *
   * @throws JcomposeException.Conflict when there is a network of this name
   */
  public synchronized List<Pool> reserve(NetworkSpec spec, HostRoutes routes) {
    awaitNobodyMaking(spec.name());
    if (networks.get().anyMatch(each -> each.name().equals(spec.name()))) {
      throw new JcomposeException.Conflict("network with name " + spec.name() + " already exists");
    }
    List<Pool> pools = choose(spec, "", routes);
    pending.put(spec.name(), pools);
    return pools;
  }

  /** Once the network is there, or will not be. */
  public synchronized void giveBack(NetworkSpec spec) {
    pending.remove(spec.name());
    notifyAll();
  }

  /**
   * Makes sure that nobody has the subnets that are asked for.
   *
   * @param former id of a network whose subnets count as free; empty is none
   */
  public void check(NetworkSpec spec, String former) {
    if (spec.pools().stream().anyMatch(pool -> !pool.subnet().isEmpty())) {
      List<Pool> ignored = choose(spec, former, HostRoutes.NONE);
    }
  }

  private void awaitNobodyMaking(String name) {
    long end = System.nanoTime() + MAKING_LIMIT.toNanos();
    while (pending.containsKey(name)) {
      long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
      if (left <= 0) {
        throw new JcomposeException.Timeout(
            "gave up waiting for network " + name + ", which another command is making");
      }
      try {
        wait(left);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new JcomposeException.Cancelled("interrupted while waiting for network " + name);
      }
    }
  }

  private synchronized List<Pool> choose(NetworkSpec spec, String former, HostRoutes routes) {
    List<Subnet> ipv4 = new ArrayList<>();
    List<Subnet6> ipv6 = new ArrayList<>();
    Stream.concat(
            pending.values().stream(),
            networks
                .get()
                .filter(each -> !each.id().equals(former))
                .map(each -> each.spec().pools()))
        .flatMap(List::stream)
        .forEach(
            pool -> {
              if (isIpv4(pool)) {
                ipv4.add(Subnet.parse(pool.subnet()));
              } else {
                ipv6.add(Subnet6.parse(pool.subnet()));
              }
            });
    return SubnetChoice.choose(spec, defaults, local(), new Ranges(ipv4, ipv6), routes);
  }

  private static Subnet6 local() {
    return Subnet6.local(Ip6Host.hostId());
  }

  private static boolean isIpv4(Pool pool) {
    return pool.subnet().indexOf(':') < 0;
  }
}
