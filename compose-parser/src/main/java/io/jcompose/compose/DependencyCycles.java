package io.jcompose.compose;

import io.jcompose.compose.Node.MapNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Finds services that depend on themselves through others. */
final class DependencyCycles {
  private final Map<String, Node> services;
  private final Problems problems;

  DependencyCycles(Map<String, Node> services, Problems problems) {
    this.services = services;
    this.problems = problems;
  }

  void check() {
    Set<String> done = new HashSet<>();
    for (String start : services.keySet()) {
      List<String> chain = new ArrayList<>();
      visit(start, chain, new HashSet<>(), done);
    }
  }

  private boolean visit(String name, List<String> chain, Set<String> open, Set<String> done) {
    if (done.contains(name) || !(services.get(name) instanceof MapNode service)) {
      return false;
    }
    chain.add(name);
    if (!open.add(name)) {
      List<String> cycle = chain.subList(chain.indexOf(name), chain.size());
      problems.at(
          service,
          "services." + name + ".depends_on",
          "dependency cycle detected: " + String.join(" -> ", cycle));
      return true;
    }
    MapNode all = service.map("depends_on");
    for (String next : all == null ? Set.<String>of() : all.entries.keySet()) {
      if (visit(next, chain, open, done)) {
        done.add(name);
        return true;
      }
    }
    chain.removeLast();
    open.remove(name);
    done.add(name);
    return false;
  }
}
