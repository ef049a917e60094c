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
      engine.networks.put(spec.name(), new NetworkView(Ids.next(), spec, Instant.now()));
      return engine.networks.get(spec.name()).id();
    }
  }

  @Override
  public void remove(String ref) {
    String name = find(ref).map(NetworkView::name).orElse(ref);
    engine.changing("remove-network " + name);
    synchronized (engine) {
      NetworkView network = engine.networks.get(name);
      if (network != null && engine.byId.values().stream().anyMatch(v -> isOn(v, network))) {
        throw new JcomposeException.Conflict("network " + name + " is in use");
      }
      engine.networks.remove(name);
    }
  }

  @Override
  public List<JcomposeException> problems(NetworkSpec spec, String former) {
    return engine.impossible.contains(spec.name())
        ? List.of(new JcomposeException.Conflict("Pool overlaps"))
        : List.of();
  }

  @Override
  public Optional<NetworkView> find(String ref) {
    synchronized (engine) {
      return engine.networks.values().stream()
          .filter(n -> n.id().equals(ref) || n.name().equals(ref))
          .findFirst();
    }
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
