package io.jcompose.engine.settings;

import com.fasterxml.jackson.databind.JsonNode;
import io.jcompose.core.JcomposeException;
import io.jcompose.network.AddressPool;
import io.jcompose.network.NetworkConfig;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The engine's settings for networks, in the form of Docker's: {@code default-address-pools},
 * {@code default-network-opts}, {@code mtu}, {@code ip} and {@code ip-forward-no-drop}.
 */
public final class NetworkSettings {
  private static final String MTU = "com.docker.network.driver.mtu";
  private static final String POOLS = "default-address-pools";

  private NetworkSettings() {}

  /**
   * The configuration with what the settings change of it.
   *
   * @throws JcomposeException.InvalidArgument for what cannot be meant, naming the key
   */
  public static NetworkConfig over(NetworkConfig config, SettingsFile settings) {
    NetworkConfig changed =
        config
            .forwardingForOthers(settings.flag("ip-forward-no-drop"))
            .withNetworkOptions(options(settings));
    if (!settings.get(POOLS).isMissingNode()) {
      changed = changed.withAddressPools(pools(settings));
    }
    if (!settings.text("ip").isEmpty()) {
      changed = changed.withPublishAddresses(List.of(address(settings)));
    }
    return changed;
  }

  private static List<AddressPool> pools(SettingsFile settings) {
    List<AddressPool> pools = new ArrayList<>();
    for (JsonNode pool : settings.get(POOLS)) {
      String base = pool.path("base").asText("");
      if (base.isEmpty() || base.indexOf(':') >= 0 || !pool.path("size").isInt()) {
        throw settings.wrong(
            POOLS,
            "give {\"base\": \"10.0.0.0/8\", \"size\": 24} with IPv4 addresses, not " + pool);
      }
      try {
        pools.add(new AddressPool(base, pool.path("size").asInt()));
      } catch (JcomposeException.InvalidArgument e) {
        throw settings.wrong(POOLS, String.valueOf(e.getMessage()));
      }
    }
    if (pools.isEmpty()) {
      throw settings.wrong(POOLS, "give at least one pool, or leave it out");
    }
    return pools;
  }

  private static String address(SettingsFile settings) {
    String text = settings.text("ip");
    try {
      return InetAddress.ofLiteral(text).getHostAddress();
    } catch (IllegalArgumentException e) {
      throw settings.wrong("ip", "\"" + text + "\" is not an address of this host");
    }
  }

  private static Map<String, Map<String, String>> options(SettingsFile settings) {
    Map<String, Map<String, String>> byDriver = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> driver : settings.get("default-network-opts").properties()) {
      String path = "default-network-opts." + driver.getKey();
      byDriver.put(driver.getKey(), new LinkedHashMap<>(settings.pairs(path, driver.getValue())));
    }
    int mtu = settings.number("mtu", 68, 65_535);
    if (mtu > 0) {
      byDriver
          .computeIfAbsent("bridge", key -> new LinkedHashMap<>())
          .putIfAbsent(MTU, String.valueOf(mtu));
    }
    return byDriver;
  }
}
