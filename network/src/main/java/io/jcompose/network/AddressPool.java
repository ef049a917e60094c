package io.jcompose.network;

import io.jcompose.core.JcomposeException;
import java.util.List;

/**
 * A range of addresses that networks without a subnet of their own get theirs from.
 *
 * @param base CIDR
 * @param size prefix length of each subnet cut from it
 */
public record AddressPool(String base, int size) {
  /**
   * Three times 256 subnets of 253 containers. Docker's 172.17.0.0/12 gives 31 networks in all and
   * meets company networks and VPNs far more often.
   */
  public static final List<AddressPool> DEFAULTS =
      List.of(
          new AddressPool("10.201.0.0/16", 24),
          new AddressPool("10.202.0.0/16", 24),
          new AddressPool("10.203.0.0/16", 24));

  public AddressPool {
    Subnet subnet = Subnet.parse(base);
    if (size < subnet.prefix() || size > 29) {
      throw new JcomposeException.InvalidArgument(
          "invalid default address pool " + base + " size " + size);
    }
  }
}
