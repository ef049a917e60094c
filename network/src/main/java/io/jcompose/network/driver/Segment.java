package io.jcompose.network.driver;

import io.jcompose.network.address.Ip6;
import io.jcompose.network.address.Subnet;
import io.jcompose.network.address.Subnet6;
import org.jspecify.annotations.Nullable;

/** What a driver must know of a network that it makes on the host. */
public interface Segment {
  /** The network's name. */
  String name();

  /** Name of the interface on the host that is the network's own; empty when it has none. */
  String bridge();

  boolean isInternal();

  Subnet subnet();

  int gateway();

  /** Null without IPv6. */
  @Nullable Ipv6 ipv6();

  /** The IPv6 side. */
  record Ipv6(Subnet6 subnet, Ip6 gateway) {}
}
