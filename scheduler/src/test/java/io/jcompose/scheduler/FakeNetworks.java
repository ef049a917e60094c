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
      engine.networks.put(spec.name(), new NetworkView(Ids.next(), spec, Instant.now()));
      return engine.networks.get(spec.name()).id();
    }
  }

  @Override
  public void remove(String ref) {
    engine.changing("remove-network " + ref);
    synchronized (engine) {
      NetworkView network = engine.networks.get(ref);
      if (network != null && engine.byId.values().stream().anyMatch(v -> isOn(v, network))) {
        throw new JcomposeException.Conflict("network " + ref + " is in use");
      }
      engine.networks.remove(ref);
    }
  }

  @Override
  public Optional<NetworkView> find(String ref) {
    synchronized (engine) {
      return Optional.ofNullable(engine.networks.get(ref));
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
