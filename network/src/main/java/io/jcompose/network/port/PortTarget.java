package io.jcompose.network.port;

import io.jcompose.core.Networking.PortSpec;
import io.jcompose.network.address.Ip4;
import io.jcompose.network.address.Ip6;
import io.jcompose.network.driver.GatewayMode;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * Where a container's ports lead to.
 *
 * @param address6 null without IPv6
 * @param networkDefault host address for ports that name none, or empty for the engine's
 */
public record PortTarget(
    int address,
    @Nullable Ip6 address6,
    GatewayMode mode4,
    GatewayMode mode6,
    String networkDefault) {
  PortSocket.Destination to(PortSpec port, String owner) {
    return new PortSocket.Destination(
        new InetSocketAddress(Ip4.inet(address), port.containerPort()), owner);
  }

  /** An IPv6 address of the host leads to a container without IPv6 as well, by the relay. */
  boolean isTranslated(String hostAddress) {
    boolean ipv6 = hostAddress.indexOf(':') >= 0 && address6 != null;
    return ipv6 ? mode6.isNat() : mode4.isNat();
  }
}
