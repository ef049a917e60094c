package io.jcompose.api.inspect;

import io.jcompose.api.host.OpaqueIds;
import io.jcompose.core.ContainerView;
import io.jcompose.core.Networks.NetworkSpec;
import io.jcompose.core.Networks.NetworkView;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Docker's networks {@code host} and {@code none}, which are modes of a container here and have no
 * record. Stateless.
 */
public final class PredefinedNetworks {
  private static final NetworkView HOST = network("host", "host");
  private static final NetworkView NONE = network("none", "null");

  private PredefinedNetworks() {}

  private static NetworkView network(String name, String driver) {
    NetworkSpec spec =
        NetworkSpec.of(name)
            .withDriver(driver)
            .withLabels(Map.of(io.jcompose.core.Networks.PREDEFINED, name));
    return new NetworkView(OpaqueIds.network(name), spec, Instant.EPOCH);
  }

  /** Both of them, by their names. */
  public static List<NetworkView> all() {
    return List.of(HOST, NONE);
  }

  /** By its name or the beginning of its id. */
  public static Optional<NetworkView> find(String ref) {
    return all().stream()
        .filter(one -> one.name().equals(ref) || (ref.length() >= 12 && one.id().startsWith(ref)))
        .findFirst();
  }

  /** The one that a container is on. */
  public static Optional<NetworkView> of(ContainerView view) {
    String mode = view.spec().networking().mode();
    return all().stream().filter(one -> one.name().equals(mode)).findFirst();
  }
}
