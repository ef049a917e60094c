package io.jcompose.core;

import io.soabase.recordbuilder.core.RecordBuilder;
import java.util.List;
import java.util.Map;

/**
 * The networks of a container and the names that it knows. Part of a {@link ContainerSpec}.
 *
 * @param mode {@code none}, {@code host}, {@code container:ID}, or {@code networks} when {@code
 *     endpoints} say it
 * @param endpoints in the order of their interfaces (eth0 first)
 * @param dns own name servers instead of the host's
 * @param extraHosts lines for /etc/hosts as {@code name:address}; the address {@code host-gateway}
 *     is the gateway's
 * @param exposed ports that are only told: {@code 80/tcp}, {@code 3000-3005/tcp}
 */
@RecordBuilder
public record Networking(
    String mode,
    List<EndpointSpec> endpoints,
    List<PortSpec> ports,
    List<String> dns,
    List<String> dnsSearch,
    List<String> dnsOptions,
    List<String> extraHosts,
    List<String> exposed)
    implements NetworkingBuilder.With {
  public static final Networking NONE =
      new Networking(
          "none", List.of(), List.of(), List.of(), List.of(), List.of(), List.of(), List.of());

  public Networking {
    endpoints = List.copyOf(endpoints);
    ports = List.copyOf(ports);
    dns = List.copyOf(dns);
    dnsSearch = List.copyOf(dnsSearch);
    dnsOptions = List.copyOf(dnsOptions);
    extraHosts = List.copyOf(extraHosts);
    // records of older engines have none
    exposed = exposed == null ? List.of() : List.copyOf(exposed);
  }

  /**
   * The container on one network.
   *
   * @param network name or id
   * @param aliases further names on that network only
   * @param ipv4Address fixed address, or empty
   * @param gatewayPriority the highest one gives the default route; equal ones by network name
   * @param options what else it shall be like
   */
  @RecordBuilder
  public record EndpointSpec(
      String network,
      List<String> aliases,
      String ipv4Address,
      String ipv6Address,
      String macAddress,
      String interfaceName,
      int gatewayPriority,
      EndpointOptions options)
      implements EndpointSpecBuilder.With {
    public EndpointSpec {
      aliases = List.copyOf(aliases);
      // records of older engines have none
      options = options == null ? EndpointOptions.NONE : options;
    }

    /** An endpoint with addresses chosen by the network. */
    public static EndpointSpec of(String network, List<String> aliases) {
      return new EndpointSpec(network, aliases, "", "", "", "", 0, EndpointOptions.NONE);
    }
  }

  /**
   * The rarer wishes for an endpoint.
   *
   * @param driverOptions {@code com.docker.network.endpoint.*}
   * @param links names that only this container knows, to names on the network
   * @param ingressBits limit of what it receives, bits a second of TCP payload; 0 is none
   * @param egressBits limit of what it sends
   */
  public record EndpointOptions(
      Map<String, String> driverOptions,
      Map<String, String> links,
      long ingressBits,
      long egressBits) {
    public static final EndpointOptions NONE = new EndpointOptions(Map.of(), Map.of(), 0, 0);

    public EndpointOptions {
      driverOptions = Map.copyOf(driverOptions);
      links = Map.copyOf(links);
    }
  }

  /**
   * A published port.
   *
   * @param hostIp empty publishes on every address of the host
   * @param hostPort first host port; 0 takes a free one
   * @param hostPortEnd last host port that may be taken, equal to {@code hostPort} when only one
   *     may
   * @param protocol tcp, udp or sctp
   */
  public record PortSpec(
      String hostIp, int hostPort, int hostPortEnd, int containerPort, String protocol) {}
}
