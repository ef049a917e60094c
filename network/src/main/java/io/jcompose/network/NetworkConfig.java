package io.jcompose.network;

import java.nio.file.Path;
import java.util.List;

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
 */
public record NetworkConfig(
    Path stateDir,
    String engineId,
    List<AddressPool> addressPools,
    List<String> publishAddresses,
    Path resolvConf,
    Path hosts,
    boolean forwardsForOthers) {

  public NetworkConfig {
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
        false);
  }

  /** The same with another choice for what neighbours send. */
  public NetworkConfig forwardingForOthers(boolean forwards) {
    return new NetworkConfig(
        stateDir, engineId, addressPools, publishAddresses, resolvConf, hosts, forwards);
  }

  /** The nftables table of this engine, family inet. */
  public String table() {
    return engineId.isEmpty() ? "jcompose" : "jcompose_" + engineId;
  }
}
