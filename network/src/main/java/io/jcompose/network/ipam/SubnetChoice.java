package io.jcompose.network.ipam;

import io.jcompose.core.JcomposeException;
import io.jcompose.core.Networks.NetworkSpec;
import io.jcompose.core.Networks.Pool;
import io.jcompose.network.AddressPool;
import io.jcompose.network.address.AddressRange;
import io.jcompose.network.address.Ip4;
import io.jcompose.network.address.Ip6;
import io.jcompose.network.address.Subnet;
import io.jcompose.network.address.Subnet6;
import io.jcompose.network.ipam.HostRoutes.Route;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/** Works out the address pools of a new network. Pure. */
final class SubnetChoice {
  private static final int ANY_HOST_BITS_MIN = 2;
  private static final int SUBNETS_OF_48 = 65_536;

  private SubnetChoice() {}

  /**
   * The pools that were asked for, completed, or the first free subnets: an IPv4 pool, and for a
   * network with IPv6 one of it.
   *
   * @param local the host's own /48 for networks that name no IPv6 subnet
   * @param used subnets of this engine's networks
   * @param routes what the host reaches
   * @throws JcomposeException.Unavailable when no subnet is free, with what is in the way
   */
  static List<Pool> choose(
      NetworkSpec spec, List<AddressPool> defaults, Subnet6 local, Ranges used, HostRoutes routes) {
    List<Pool> asked6 =
        spec.pools().stream().filter(pool -> pool.subnet().indexOf(':') >= 0).toList();
    List<Pool> asked4 = spec.pools().stream().filter(pool -> !asked6.contains(pool)).toList();
    if (asked4.size() > 1 || asked6.size() > 1) {
      throw new JcomposeException.NotSupported(
          "network "
              + spec.name()
              + " has more than one address pool of a family; only one is supported");
    }
    List<Pool> chosen = new ArrayList<>();
    chosen.add(choose4(spec, asked4, defaults, used.ipv4(), routes.ipv4()));
    if (spec.ipv6()) {
      chosen.add(choose6(asked6, local, used.ipv6(), routes.ipv6()));
    } else if (!asked6.isEmpty()) {
      throw new JcomposeException.InvalidArgument(
          "network "
              + spec.name()
              + " has the IPv6 subnet "
              + asked6.getFirst().subnet()
              + " but no enable_ipv6: true");
    }
    return chosen;
  }

  private static Pool choose4(
      NetworkSpec spec,
      List<Pool> asked,
      List<AddressPool> defaults,
      List<Subnet> own,
      List<Route<Integer>> routes) {
    if (asked.isEmpty() || asked.getFirst().subnet().isEmpty()) {
      if (!asked.isEmpty()) {
        Pool pool = asked.getFirst();
        if (!pool.gateway().isEmpty() || !pool.ipRange().isEmpty()) {
          throw new JcomposeException.InvalidArgument(
              "network " + spec.name() + " has a gateway or IP range but no subnet");
        }
      }
      Subnet subnet = free(defaults, own, routes);
      return new Pool(subnet.toString(), Ip4.format(subnet.base() + 1), "", Map.of());
    }
    return complete(asked.getFirst(), own);
  }

  private static Pool choose6(
      List<Pool> asked, Subnet6 local, List<Subnet6> own, List<Route<Ip6>> routes) {
    if (!asked.isEmpty()) {
      return complete6(asked.getFirst(), own);
    }
    SubnetSearch<Ip6, Subnet6> search = new SubnetSearch<>(own, routes);
    Subnet6 subnet =
        search
            .free(local, IntStream.range(0, SUBNETS_OF_48).mapToObj(local::part64))
            .or(search::insideOfRoutes)
            .orElseThrow(
                () ->
                    new JcomposeException.Unavailable(
                        "no IPv6 subnet of "
                            + local
                            + " is free: "
                            + search.reason()
                            + "; give the network a subnet"));
    return new Pool(subnet.toString(), subnet.base().plus(1).toString(), "", Map.of());
  }

  private static Pool complete6(Pool pool, List<Subnet6> own) {
    Subnet6 subnet = Subnet6.parse(pool.subnet());
    if (subnet.prefix() < 16 || subnet.prefix() > 126) {
      throw new JcomposeException.InvalidArgument("invalid subnet " + pool.subnet());
    }
    for (Subnet6 other : own) {
      if (other.overlaps(subnet)) {
        throw overlap(subnet, other);
      }
    }
    Ip6 gateway = pool.gateway().isEmpty() ? subnet.base().plus(1) : Ip6.parse(pool.gateway());
    inside(subnet, gateway, "gateway");
    pool.auxAddresses().values().forEach(each -> inside(subnet, Ip6.parse(each), "aux address"));
    if (!pool.ipRange().isEmpty() && !subnet.contains(Subnet6.parse(pool.ipRange()))) {
      throw outside(pool.ipRange(), subnet);
    }
    return new Pool(subnet.toString(), gateway.toString(), pool.ipRange(), pool.auxAddresses());
  }

  private static Subnet free(
      List<AddressPool> defaults, List<Subnet> own, List<Route<Integer>> routes) {
    SubnetSearch<Integer, Subnet> search = new SubnetSearch<>(own, routes);
    for (AddressPool pool : defaults) {
      Optional<Subnet> free = search.free(pool.range(), pool.subnets());
      if (free.isPresent()) {
        return free.get();
      }
    }
    return search
        .insideOfRoutes()
        .orElseThrow(
            () ->
                new JcomposeException.Unavailable(
                    "all predefined address pools have been fully subnetted: "
                        + defaults.stream().map(AddressPool::base).toList()
                        + ": "
                        + search.reason()
                        + "; remove networks or give this one a subnet"));
  }

  private static Pool complete(Pool pool, List<Subnet> own) {
    Subnet subnet = Subnet.parse(pool.subnet());
    if (subnet.prefix() < 8 || subnet.size() < 1 << (ANY_HOST_BITS_MIN - 1)) {
      throw new JcomposeException.InvalidArgument("invalid subnet " + pool.subnet());
    }
    for (Subnet other : own) {
      if (other.overlaps(subnet)) {
        throw overlap(subnet, other);
      }
    }
    int first = subnet.prefix() >= 31 ? subnet.base() : subnet.base() + 1;
    String gateway = pool.gateway().isEmpty() ? Ip4.format(first) : pool.gateway();
    inside(subnet, Ip4.parse(gateway), "gateway");
    pool.auxAddresses().values().forEach(each -> inside(subnet, Ip4.parse(each), "aux address"));
    if (!pool.ipRange().isEmpty() && !subnet.contains(Subnet.parse(pool.ipRange()))) {
      throw outside(pool.ipRange(), subnet);
    }
    return new Pool(subnet.toString(), gateway, pool.ipRange(), pool.auxAddresses());
  }

  private static <A> void inside(AddressRange<A> subnet, A address, String what) {
    if (!subnet.holds(address)) {
      throw new JcomposeException.InvalidArgument(
          what + " " + subnet.format(address) + " is not inside subnet " + subnet);
    }
  }

  private static JcomposeException overlap(AddressRange<?> subnet, AddressRange<?> other) {
    return new JcomposeException.Conflict(
        "invalid pool request: Pool overlaps with other one on this address space: "
            + subnet
            + " and "
            + other);
  }

  private static JcomposeException outside(String range, AddressRange<?> subnet) {
    return new JcomposeException.InvalidArgument(
        "IP range " + range + " is not inside subnet " + subnet);
  }

  /** Subnets of both families. */
  record Ranges(List<Subnet> ipv4, List<Subnet6> ipv6) {
    Ranges {
      ipv4 = List.copyOf(ipv4);
      ipv6 = List.copyOf(ipv6);
    }
  }
}
