package io.jcompose.network;

import io.jcompose.core.JcomposeException;
import io.jcompose.core.Networks.NetworkSpec;
import io.jcompose.core.Networks.Pool;
import java.util.List;

/** Works out the address pool of a new network. Pure. */
final class SubnetChoice {
  private static final int ANY_HOST_BITS_MIN = 2;

  private SubnetChoice() {}

  /**
   * The pool that was asked for, completed, or the first free subnet of the default pools.
   *
   * @param own subnets of this engine's networks
   * @param routes where the host has routes to
   */
  static Pool choose(
      NetworkSpec spec, List<AddressPool> defaults, List<Subnet> own, List<Subnet> routes) {
    if (spec.pools().size() > 1) {
      throw new JcomposeException.NotSupported(
          "network " + spec.name() + " has more than one address pool; only one is supported");
    }
    if (spec.pools().isEmpty() || spec.pools().getFirst().subnet().isEmpty()) {
      if (!spec.pools().isEmpty()) {
        Pool pool = spec.pools().getFirst();
        if (!pool.gateway().isEmpty() || !pool.ipRange().isEmpty()) {
          throw new JcomposeException.InvalidArgument(
              "network " + spec.name() + " has a gateway or IP range but no subnet");
        }
      }
      Subnet subnet = free(defaults, own, routes);
      return new Pool(subnet.toString(), Ip4.format(subnet.base() + 1), "", java.util.Map.of());
    }
    return complete(spec.pools().getFirst(), own);
  }

  private static Subnet free(List<AddressPool> defaults, List<Subnet> own, List<Subnet> routes) {
    for (AddressPool pool : defaults) {
      Subnet base = Subnet.parse(pool.base());
      long count = 1L << (pool.size() - base.prefix());
      for (long i = 0; i < count; i++) {
        Subnet subnet = new Subnet(base.base() + (int) (i << (32 - pool.size())), pool.size());
        if (own.stream().noneMatch(subnet::overlaps)
            && routes.stream().noneMatch(subnet::overlaps)) {
          return subnet;
        }
      }
    }
    throw new JcomposeException.Unavailable(
        "all predefined address pools have been fully subnetted: "
            + defaults.stream().map(AddressPool::base).toList()
            + "; remove networks or give this one a subnet");
  }

  private static Pool complete(Pool pool, List<Subnet> own) {
    if (pool.subnet().indexOf(':') >= 0) {
      throw new JcomposeException.NotSupported(
          "IPv6 subnet " + pool.subnet() + " is not supported yet; networks are IPv4");
    }
    Subnet subnet = Subnet.parse(pool.subnet());
    if (subnet.prefix() < 8 || subnet.size() < 1 << (ANY_HOST_BITS_MIN - 1)) {
      throw new JcomposeException.InvalidArgument("invalid subnet " + pool.subnet());
    }
    for (Subnet other : own) {
      if (other.overlaps(subnet)) {
        throw new JcomposeException.Conflict(
            "invalid pool request: Pool overlaps with other one on this address space: "
                + subnet
                + " and "
                + other);
      }
    }
    int first = subnet.prefix() >= 31 ? subnet.base() : subnet.base() + 1;
    String gateway = pool.gateway().isEmpty() ? Ip4.format(first) : pool.gateway();
    inside(subnet, Ip4.parse(gateway), "gateway");
    pool.auxAddresses().values().forEach(each -> inside(subnet, Ip4.parse(each), "aux address"));
    if (!pool.ipRange().isEmpty() && !subnet.contains(Subnet.parse(pool.ipRange()))) {
      throw new JcomposeException.InvalidArgument(
          "IP range " + pool.ipRange() + " is not inside subnet " + subnet);
    }
    return new Pool(subnet.toString(), gateway, pool.ipRange(), pool.auxAddresses());
  }

  private static void inside(Subnet subnet, int address, String what) {
    if (!subnet.contains(address)) {
      throw new JcomposeException.InvalidArgument(
          what + " " + Ip4.format(address) + " is not inside subnet " + subnet);
    }
  }
}
