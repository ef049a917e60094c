package io.jcompose.network;

import io.jcompose.core.JcomposeException;
import io.jcompose.network.address.Subnet;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A range of addresses that networks without a subnet of their own get theirs from.
 *
 * @param base CIDR
 * @param size prefix length of each subnet cut from it
 */
public record AddressPool(String base, int size) {
  /**
   * 768 subnets of 1,021 containers, as many as a bridge has ports for. Docker's 172.17.0.0/12
   * gives 31 networks in all and meets company networks and VPNs far more often; it is there at the
   * end, for hosts whose VPN has all of 10.0.0.0/8.
   */
  public static final List<AddressPool> DEFAULTS =
      Stream.concat(
              IntStream.rangeClosed(201, 212)
                  .mapToObj(second -> new AddressPool("10." + second + ".0.0/16", 22)),
              Stream.of(
                  new AddressPool("172.16.0.0/12", 22), new AddressPool("192.168.0.0/16", 24)))
          .toList();

  public AddressPool {
    Subnet subnet = Subnet.parse(base);
    if (size < subnet.prefix() || size > 29) {
      throw new JcomposeException.InvalidArgument(
          "invalid default address pool " + base + " size " + size);
    }
  }

  public Subnet range() {
    return Subnet.parse(base);
  }

  /** In their order. */
  public Stream<Subnet> subnets() {
    Subnet all = range();
    return IntStream.range(0, 1 << (size - all.prefix()))
        .mapToObj(i -> new Subnet(all.base() + (i << (32 - size)), size));
  }
}
