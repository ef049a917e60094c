package io.jcompose.network;

import io.jcompose.core.ContainerView.PortBinding;
import java.util.List;
import java.util.Map;

/**
 * All that is needed to take an open sandbox over after the engine started again. Plain values, fit
 * for JSON; the engine keeps it with the container.
 *
 * @param mode none, host or networks
 * @param names names on each network
 * @param endpoints in the order of their interfaces
 * @param gatewayIndex the endpoint with the default route, -1 for none
 * @param gatewayIndex6 the same for IPv6
 * @param keepsBareNames names without a dot are asked of nobody outside (option ndots was given)
 */
public record SandboxRecord(
    String containerId,
    String containerName,
    String mode,
    List<String> names,
    List<String> dns,
    List<EndpointRecord> endpoints,
    int gatewayIndex,
    int gatewayIndex6,
    List<PortBinding> ports,
    boolean keepsBareNames) {
  public SandboxRecord {
    names = List.copyOf(names);
    dns = List.copyOf(dns);
    endpoints = List.copyOf(endpoints);
    ports = List.copyOf(ports);
  }

  /**
   * One endpoint.
   *
   * @param hostInterface the host's end of the veth pair; empty on a macvlan network
   * @param interfaceName the container's end
   * @param ipv4Address without prefix length
   * @param ipv6Address the same, or empty
   * @param links names that only this container knows, to names on the network
   */
  public record EndpointRecord(
      String networkId,
      String hostInterface,
      String interfaceName,
      String ipv4Address,
      String ipv6Address,
      String macAddress,
      List<String> aliases,
      Map<String, String> links) {
    public EndpointRecord {
      // records of engines before IPv6 have none
      ipv6Address = ipv6Address == null ? "" : ipv6Address;
      aliases = List.copyOf(aliases);
      links = links == null ? Map.of() : Map.copyOf(links);
    }
  }
}
