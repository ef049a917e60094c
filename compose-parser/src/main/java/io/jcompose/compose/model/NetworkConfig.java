package io.jcompose.compose.model;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A top-level network.
 *
 * @param key its key in the file
 * @param name its name on the host, {@code <project>_<key>} unless given
 * @param driver empty is the engine's default, bridge
 * @param enableIpv4 null is the engine's default
 */
public record NetworkConfig(
    String key,
    String name,
    String driver,
    Map<String, String> driverOptions,
    Ipam ipam,
    boolean external,
    boolean internal,
    boolean attachable,
    @Nullable Boolean enableIpv4,
    @Nullable Boolean enableIpv6,
    Map<String, String> labels,
    Map<String, @Nullable Object> extensions) {
  public NetworkConfig {
    driverOptions = Copies.ordered(driverOptions);
    labels = Copies.ordered(labels);
    extensions = Copies.ordered(extensions);
  }

  /** Address management. */
  public record Ipam(String driver, List<Pool> pools, Map<String, String> options) {
    public static final Ipam DEFAULT = new Ipam("", List.of(), Map.of());

    public Ipam {
      pools = List.copyOf(pools);
      options = Copies.ordered(options);
    }
  }

  /** One subnet; empty texts are not given. */
  public record Pool(
      String subnet, String gateway, String ipRange, Map<String, String> auxAddresses) {
    public Pool {
      auxAddresses = Copies.ordered(auxAddresses);
    }
  }
}
