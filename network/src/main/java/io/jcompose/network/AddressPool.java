package io.jcompose.network;

import io.jcompose.core.JcomposeException;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A range of addresses that networks without a subnet of their own get theirs from.
 *
 * @param base CIDR
 * @param size prefix length of each subnet cut from it
 */
public record AddressPool(String base, int size) {
  /**
   * 768 subnets of 1,021 containers, as many as a bridge has ports for. Docker's 172.17.0.0/12
   * gives 31 networks in all and meets company networks and VPNs far more often.
   */
  public static final List<AddressPool> DEFAULTS =
      IntStream.rangeClosed(201, 212)
          .mapToObj(second -> new AddressPool("10." + second + ".0.0/16", 22))
          .toList();

  public AddressPool {
    Subnet subnet = Subnet.parse(base);
    if (size < subnet.prefix() || size > 29) {
      throw new JcomposeException.InvalidArgument(
          "invalid default address pool " + base + " size " + size);
    }
  }
}
