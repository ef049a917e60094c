package io.jcompose.api.docker.model;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The body of {@code POST /networks/create}; null for what is left out. */
@JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
public record NetworkCreateRequest(
    @Nullable String name,
    @Nullable String driver,
    @Nullable String scope,
    @JsonProperty("EnableIPv4") @Nullable Boolean enableIpv4,
    @JsonProperty("EnableIPv6") @Nullable Boolean enableIpv6,
    @JsonProperty("IPAM") @Nullable Ipam ipam,
    @Nullable Boolean internal,
    @Nullable Boolean attachable,
    @Nullable Boolean ingress,
    @Nullable Boolean configOnly,
    @Nullable ConfigReference configFrom,
    @Nullable Map<String, String> options,
    @Nullable Map<String, String> labels) {

  /** The addresses of a network. */
  @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
  public record Ipam(
      @Nullable String driver,
      @Nullable Map<String, String> options,
      @Nullable List<IpamConfig> config) {}

  /** One subnet in CIDR. */
  @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
  public record IpamConfig(
      @Nullable String subnet,
      @JsonProperty("IPRange") @Nullable String ipRange,
      @Nullable String gateway,
      @Nullable Map<String, String> auxiliaryAddresses) {}

  /** The network whose settings are to be taken. */
  @JsonNaming(PropertyNamingStrategies.UpperCamelCaseStrategy.class)
  public record ConfigReference(@Nullable String network) {}
}
