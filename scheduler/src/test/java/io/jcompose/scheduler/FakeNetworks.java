package io.jcompose.scheduler;

import io.jcompose.core.ContainerView;
import io.jcompose.core.Ids;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Networks;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The networks of a {@link FakeEngine}. */
final class FakeNetworks implements Networks {
  private final FakeEngine engine;

  FakeNetworks(FakeEngine engine) {
    this.engine = engine;
  }

  @Override
  public String create(NetworkSpec spec) {
    engine.changing("network " + spec.name());
    synchronized (engine) {
      if (engine.networks.containsKey(spec.name())) {
        throw new JcomposeException.Conflict(
            "network with name " + spec.name() + " already exists");
      }
      requireFree(spec, "");
      String id = Ids.next();
      engine.networks.put(spec.name(), new NetworkView(id, completed(spec), Instant.now()));
      return id;
    }
  }

  private NetworkSpec completed(NetworkSpec spec) {
    String next = "10.99." + engine.networksMade++;
    Pool chosen = new Pool(next + ".0/24", next + ".1", "", Map.of());
    return spec.with()
        .driver(spec.driver().isEmpty() ? "bridge" : spec.driver())
        .pools(spec.pools().isEmpty() ? List.of(chosen) : spec.pools())
        .build();
  }

  /** Subnets that are the same are all that it knows of an overlap. */
  private void requireFree(NetworkSpec spec, String former) {
    for (NetworkView other : engine.networks.values()) {
      if (!other.id().equals(former)
          && spec.pools().stream().anyMatch(pool -> overlaps(pool, other.spec()))) {
        throw new JcomposeException.Conflict("Pool overlaps with network " + other.name());
      }
    }
  }

  private static boolean overlaps(Pool pool, NetworkSpec other) {
    return !pool.subnet().isEmpty()
        && other.pools().stream().anyMatch(has -> has.subnet().equals(pool.subnet()));
  }

  @Override
  public void remove(String ref) {
    String name = find(ref).map(NetworkView::name).orElse(ref);
    engine.changing("remove-network " + name);
    synchronized (engine) {
      NetworkView network = engine.networks.get(name);
      for (ContainerView v : engine.byId.values()) {
        if (network != null && isOn(v, network)) {
          throw new JcomposeException.Conflict(
              "network " + name + " has active endpoints (name:\"" + v.name() + "\")");
        }
      }
      engine.networks.remove(name);
    }
  }

  @Override
  public List<JcomposeException> problems(NetworkSpec spec, String former) {
    if (engine.impossible.contains(spec.name())) {
      return List.of(new JcomposeException.Conflict("Pool overlaps"));
    }
    synchronized (engine) {
      try {
        requireFree(spec, former);
        return List.of();
      } catch (JcomposeException.Conflict e) {
        return List.of(e);
      }
    }
  }

  @Override
  public Optional<NetworkView> find(String ref) {
    synchronized (engine) {
      return engine.networks.values().stream()
          .filter(n -> n.id().equals(ref) || n.name().equals(ref))
          .findFirst()
          .or(() -> byPrefix(ref));
    }
  }

  private Optional<NetworkView> byPrefix(String ref) {
    return engine.networks.values().stream()
        .filter(n -> !ref.isEmpty() && n.id().startsWith(ref))
        .findFirst();
  }

  @Override
  public List<NetworkView> list(Map<String, String> labels) {
    synchronized (engine) {
      return engine.networks.values().stream()
          .filter(n -> FakeEngine.matches(n.spec().labels(), labels))
          .toList();
    }
  }

  private static boolean isOn(ContainerView view, Networks.NetworkView network) {
    return view.endpoints().stream().anyMatch(e -> e.networkId().equals(network.id()));
  }
}
