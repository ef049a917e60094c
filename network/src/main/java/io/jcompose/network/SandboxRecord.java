package io.jcompose.network;

import io.jcompose.core.ContainerView.PortBinding;
import io.jcompose.core.Networking.PortSpec;
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
 * @param ports as they are published now; none without an endpoint
 * @param published the ports as they were asked for
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
    List<PortSpec> published,
    boolean keepsBareNames) {
  public SandboxRecord {
    names = List.copyOf(names);
    dns = List.copyOf(dns);
    endpoints = List.copyOf(endpoints);
    ports = List.copyOf(ports);
    // records of engines before networks could be connected have none
    published =
        published == null
            ? ports.stream().map(SandboxRecord::asked).toList()
            : List.copyOf(published);
  }

  private static PortSpec asked(PortBinding port) {
    return new PortSpec(
        port.hostIp(), port.hostPort(), port.hostPort(), port.containerPort(), port.protocol());
  }

  /**
   * One endpoint.
   *
   * @param hostInterface the host's end of the veth pair; empty on a macvlan network
   * @param interfaceName the container's end
   * @param ipv4Address without prefix length
   * @param ipv6Address the same, or empty
   * @param gatewayPriority as asked for
   * @param links names that only this container knows, to names on the network
   */
  public record EndpointRecord(
      String networkId,
      String hostInterface,
      String interfaceName,
      String ipv4Address,
      String ipv6Address,
      String macAddress,
      int gatewayPriority,
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
