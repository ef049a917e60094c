package io.jcompose.compose.rules;

import io.jcompose.compose.tree.Node;
import io.jcompose.compose.tree.Node.MapNode;
import io.jcompose.compose.tree.Problems;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** Checks what only the whole project shows: references, exclusive keys, cycles. */
public final class Consistency {
  private final MapNode root;
  private final Map<String, Node> services;
  private final Set<String> disabled;
  private final Problems problems;

  /**
   * @param disabled names of services that no active profile holds
   */
  public Consistency(MapNode root, Set<String> disabled, Problems problems) {
    this.root = root;
    this.disabled = disabled;
    this.problems = problems;
    MapNode all = root.map("services");
    services = all == null ? Map.of() : all.entries;
  }

  public void check() {
    References references = new References(root, services, disabled, problems);
    ServiceRules rules = new ServiceRules(problems);
    NetworkRules networks = new NetworkRules(root, problems);
    Map<String, String> containerNames = new HashMap<>();
    services.forEach(
        (name, node) -> {
          if (node instanceof MapNode service) {
            references.check(name, service);
            rules.check(name, service);
            networks.check(name, service);
            new EngineRules(name, service, problems).check();
            new ValueRules(name, service, problems).check();
            containerName(name, service, containerNames);
          }
        });
    new DependencyCycles(services, problems).check();
  }

  private void containerName(String name, MapNode service, Map<String, String> taken) {
    String container = service.text("container_name");
    String other = container.isEmpty() ? null : taken.putIfAbsent(container, name);
    if (other != null) {
      problems.at(
          service.get("container_name"),
          "services." + name,
          "container name \"" + container + "\" is already in use by service " + other);
    }
  }
}
