package io.jcompose.api.docker.model;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A container on one network, as a client asks for it; null for what is left out. */
@JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
public record EndpointSettings(
    @JsonProperty("IPAMConfig") @Nullable IpamConfig ipamConfig,
    @Nullable List<String> links,
    @Nullable List<String> aliases,
    @Nullable String macAddress,
    @Nullable Map<String, String> driverOpts,
    int gwPriority) {

  /** Nothing is asked for. */
  public static final EndpointSettings NONE = new EndpointSettings(null, null, null, null, null, 0);

  /** Addresses of its own. */
  public record IpamConfig(
      @JsonProperty("IPv4Address") @Nullable String ipv4Address,
      @JsonProperty("IPv6Address") @Nullable String ipv6Address,
      @JsonProperty("LinkLocalIPs") @Nullable List<String> linkLocalAddresses) {}
}
