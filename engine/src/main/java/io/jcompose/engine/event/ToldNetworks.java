package io.jcompose.engine.event;

import io.jcompose.core.EngineEvent.ObjectChanged;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Networks;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Networks whose coming and going is told. Thread-safe as those are. */
public final class ToldNetworks implements Networks {
  private static final String KIND = "network";

  private final Networks networks;
  private final EventHub events;

  public ToldNetworks(Networks networks, EventHub events) {
    this.networks = networks;
    this.events = events;
  }

  @Override
  public String create(NetworkSpec spec) {
    String id = networks.create(spec);
    events.publish(ObjectChanged.of(KIND, id, "create", attributes(spec)));
    return id;
  }

  /** As Docker tells of a network. */
  public static Map<String, String> attributes(NetworkSpec spec) {
    return Map.of("name", spec.name(), "type", spec.driver().isEmpty() ? "bridge" : spec.driver());
  }

  @Override
  public List<JcomposeException> problems(NetworkSpec spec, String former) {
    return networks.problems(spec, former);
  }

  @Override
  public void remove(String ref) {
    Optional<NetworkView> gone = networks.find(ref);
    networks.remove(ref);
    gone.ifPresent(
        network ->
            events.publish(
                ObjectChanged.of(KIND, network.id(), "destroy", attributes(network.spec()))));
  }

  @Override
  public Optional<NetworkView> find(String ref) {
    return networks.find(ref);
  }

  @Override
  public List<NetworkView> list(Map<String, String> labels) {
    return networks.list(labels);
  }

  @Override
  public List<String> warnings() {
    return networks.warnings();
  }
}
