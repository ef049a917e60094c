package io.jcompose.network;

import io.jcompose.core.Networks.NetworkSpec;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Where and how a {@link NetworkStack} works.
 *
 * @param stateDir holds {@code <network id>.json} for each network
 * @param engineId the engine's short id; empty for the default state root. Goes into the name of
 *     the firewall table, so that several engines can share a host
 * @param addressPools subnets for networks that name none, first one first
 * @param publishAddresses host addresses for ports that name none; {@code 0.0.0.0} and {@code ::}
 *     mean all
 * @param resolvConf the host's resolver configuration, read again when it changes
 * @param hosts the host's own hosts file, for containers in its network
 * @param forwardsForOthers where the engine switches forwarding on, the host may forward for its
 *     neighbours as well
 * @param networkOptions by driver: options of new networks that name none of the same key
 */
public record NetworkConfig(
    Path stateDir,
    String engineId,
    List<AddressPool> addressPools,
    List<String> publishAddresses,
    Path resolvConf,
    Path hosts,
    boolean forwardsForOthers,
    Map<String, Map<String, String>> networkOptions) {

  public NetworkConfig {
    networkOptions = Map.copyOf(networkOptions);
    addressPools = List.copyOf(addressPools);
    publishAddresses = List.copyOf(publishAddresses);
  }

  /** The defaults: ports on every address, the host's resolvers, {@link AddressPool#DEFAULTS}. */
  public static NetworkConfig of(Path stateDir, String engineId) {
    return new NetworkConfig(
        stateDir,
        engineId,
        AddressPool.DEFAULTS,
        List.of("0.0.0.0", "::"),
        Path.of("/etc/resolv.conf"),
        Path.of("/etc/hosts"),
        false,
        Map.of());
  }

  /** The same with another choice for what neighbours send. */
  public NetworkConfig forwardingForOthers(boolean forwards) {
    return new NetworkConfig(
        stateDir,
        engineId,
        addressPools,
        publishAddresses,
        resolvConf,
        hosts,
        forwards,
        networkOptions);
  }

  /** The same with other subnets for networks that name none. */
  public NetworkConfig withAddressPools(List<AddressPool> pools) {
    return new NetworkConfig(
        stateDir,
        engineId,
        pools,
        publishAddresses,
        resolvConf,
        hosts,
        forwardsForOthers,
        networkOptions);
  }

  /** The same with other addresses for ports that name none. */
  public NetworkConfig withPublishAddresses(List<String> addresses) {
    return new NetworkConfig(
        stateDir,
        engineId,
        addressPools,
        addresses,
        resolvConf,
        hosts,
        forwardsForOthers,
        networkOptions);
  }

  /** The same with options of new networks. */
  public NetworkConfig withNetworkOptions(Map<String, Map<String, String>> options) {
    return new NetworkConfig(
        stateDir,
        engineId,
        addressPools,
        publishAddresses,
        resolvConf,
        hosts,
        forwardsForOthers,
        options);
  }

  /** The network with the options that new ones of its driver have here. */
  public NetworkSpec over(NetworkSpec spec) {
    String driver = spec.driver().isEmpty() ? "bridge" : spec.driver();
    Map<String, String> options = new HashMap<>(networkOptions.getOrDefault(driver, Map.of()));
    options.putAll(spec.options());
    return spec.withOptions(options);
  }

  /** The nftables table of this engine, family inet. */
  public String table() {
    return engineId.isEmpty() ? "jcompose" : "jcompose_" + engineId;
  }
}
