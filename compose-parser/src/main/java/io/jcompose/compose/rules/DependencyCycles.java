package io.jcompose.compose.rules;

import io.jcompose.compose.tree.Node;
import io.jcompose.compose.tree.Node.MapNode;
import io.jcompose.compose.tree.Problems;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Finds services that depend on themselves through others. */
final class DependencyCycles {
  private final Map<String, Node> services;
  private final Problems problems;

  DependencyCycles(Map<String, Node> services, Problems problems) {
    this.services = services;
    this.problems = problems;
  }

  /** Follows them without recursion: a chain may be as long as there are services. */
  void check() {
    Set<String> done = new HashSet<>();
    for (String start : services.keySet()) {
      SequencedMap<String, Iterator<String>> open = new LinkedHashMap<>();
      for (String name = start; name != null; name = next(open, done)) {
        if (open.containsKey(name)) {
          report(name, List.copyOf(open.keySet()));
          done.addAll(open.keySet());
          break;
        }
        if (!done.contains(name) && services.get(name) instanceof MapNode service) {
          MapNode all = service.map("depends_on");
          Set<String> others = all == null ? Set.of() : all.entries.keySet();
          open.put(name, others.iterator());
        }
      }
    }
  }

  /** The next dependency to follow; null when the last service's are done. */
  private static @Nullable String next(
      SequencedMap<String, Iterator<String>> open, Set<String> done) {
    while (!open.isEmpty()) {
      Map.Entry<String, Iterator<String>> last = open.lastEntry();
      if (last.getValue().hasNext()) {
        return last.getValue().next();
      }
      done.add(last.getKey());
      open.pollLastEntry();
    }
    return null;
  }

  private void report(String name, List<String> chain) {
    problems.at(
        services.get(name),
        "services." + name + ".depends_on",
        "dependency cycle detected: "
            + String.join(" -> ", chain.subList(chain.indexOf(name), chain.size()))
            + " -> "
            + name);
  }
}
