package io.jcompose.network.driver;

import io.jcompose.core.Networking.EndpointOptions;
import io.jcompose.linux.netlink.NetlinkBatch;
import io.jcompose.linux.netlink.NetlinkSocket;
import io.jcompose.network.nft.NftBatch.Element;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * What a network is on the host, and how containers' interfaces come on it; with the network's
 * options. A driver whose networks are nothing of their own there leaves the first half as it is.
 * Immutable; kernel calls are made on platform threads.
 */
public interface Driver {
  DriverOptions options();

  /**
   * Refuses what cannot be made on this host.
   *
   * @param network name of the network to be
   * @param isLink the host has an interface of that name
   * @param others options of the other networks, by their names
   */
  void check(String network, Predicate<String> isLink, Map<String, DriverOptions> others);

  /** Name for the network's own interface on the host; empty when there shall be none. */
  default String bridge(String networkId) {
    return "";
  }

  /**
   * Makes the network's own interface, or completes the one that is there; returns its index.
   *
   * @param owner marks it
   */
  default int make(Segment network, String owner) {
    throw new IllegalStateException("network " + network.name() + " is no interface of the host");
  }

  /** What the firewall holds for the network. */
  default List<Element> elements(Segment network) {
    return List.of();
  }

  /** The host has an address on it, which containers reach it by. */
  default boolean hasGateway() {
    return false;
  }

  /** A new name for the host's end of a container's interface; empty when it has none. */
  String hostInterface();

  /** Refuses options of an endpoint that cannot be kept. */
  default void checkEndpoint(String network, EndpointOptions endpoint) {}

  /**
   * Adds to the batch what makes a container's interface.
   *
   * @param host a socket in the host's network
   */
  void connect(NetlinkBatch batch, NetlinkSocket host, NewInterface made);

  /** Adds to the batch what brings the host's end of a container's interface up. */
  default void raise(NetlinkBatch batch, NewInterface made) {}
}
