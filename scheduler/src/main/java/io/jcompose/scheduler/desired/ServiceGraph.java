package io.jcompose.scheduler.desired;

import io.jcompose.compose.model.Dependency;
import io.jcompose.compose.model.Dependency.Condition;
import io.jcompose.core.ContainerView;
import io.jcompose.core.JcomposeException;
import io.jcompose.scheduler.Labels;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * Services and what each depends on. Immutable.
 *
 * @param edges dependencies by service; a dependency on an unknown service is harmless
 */
public record ServiceGraph(Map<String, Map<String, Dependency>> edges) {

  public ServiceGraph {
    edges = Collections.unmodifiableMap(new LinkedHashMap<>(edges));
  }

  /**
   * The graph that the containers' labels tell, for a project whose file and state are not there.
   */
  public static ServiceGraph ofLabels(List<ContainerView> containers) {
    Map<String, Map<String, Dependency>> edges = new LinkedHashMap<>();
    for (ContainerView container : containers) {
      String service = container.labels().getOrDefault(Labels.SERVICE, "");
      edges.putIfAbsent(service, parse(container.labels().getOrDefault(Labels.DEPENDS_ON, "")));
    }
    return new ServiceGraph(edges);
  }

  /** Reads {@code db:service_healthy:true,…}, the form of the depends_on label. */
  public static Map<String, Dependency> parse(String label) {
    Map<String, Dependency> found = new LinkedHashMap<>();
    for (String entry : label.split(",", -1)) {
      String[] parts = entry.split(":", -1);
      if (parts[0].isEmpty()) {
        continue;
      }
      Condition condition = Condition.STARTED;
      for (Condition candidate : Condition.values()) {
        if (parts.length > 1 && candidate.word().equals(parts[1])) {
          condition = candidate;
        }
      }
      boolean restart = parts.length > 2 && Boolean.parseBoolean(parts[2]);
      found.put(parts[0], new Dependency(condition, restart, false));
    }
    return found;
  }

  /** The form of the depends_on label. */
  public static String format(Map<String, Dependency> dependencies) {
    List<String> entries = new ArrayList<>();
    dependencies.forEach(
        (service, dependency) ->
            entries.add(
                service + ":" + dependency.condition().word() + ":" + dependency.restart()));
    return String.join(",", entries);
  }

  /** This graph and what only the other knows. */
  public ServiceGraph with(ServiceGraph other) {
    Map<String, Map<String, Dependency>> all = new LinkedHashMap<>(edges);
    other.edges.forEach(all::putIfAbsent);
    return new ServiceGraph(all);
  }

  public Map<String, Dependency> of(String service) {
    return edges.getOrDefault(service, Map.of());
  }

  /** The services and all that they need, in the graph's order. */
  public Set<String> withDependencies(Collection<String> services) {
    return closure(services, name -> List.copyOf(of(name).keySet()));
  }

  /** Services that name this one as a dependency. */
  public List<String> dependents(String service) {
    List<String> found = new ArrayList<>();
    edges.forEach(
        (name, dependencies) -> {
          if (dependencies.containsKey(service)) {
            found.add(name);
          }
        });
    return found;
  }

  /** The services and all that follow their restart, in the graph's order. */
  public Set<String> withFollowers(Collection<String> services) {
    return closure(
        services,
        name -> dependents(name).stream().filter(dependent -> follows(dependent, name)).toList());
  }

  /**
   * All services, each after what it depends on.
   *
   * @throws JcomposeException.InvalidArgument for a cycle
   */
  public List<String> order() {
    List<String> done = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    edges.keySet().forEach(name -> visit(name, seen, done));
    return done;
  }

  private boolean follows(String dependent, String service) {
    Dependency dependency = of(dependent).get(service);
    return dependency != null && dependency.restart();
  }

  /** With a stack of its own: a chain of dependencies may be as long as the file. */
  private void visit(String from, Set<String> seen, List<String> done) {
    Map<String, Iterator<String>> path = new LinkedHashMap<>();
    Deque<String> stack = new ArrayDeque<>();
    enter(from, seen, path, stack);
    while (!stack.isEmpty()) {
      String name = stack.element();
      Iterator<String> rest = path.getOrDefault(name, Collections.emptyIterator());
      if (rest.hasNext()) {
        String next = rest.next();
        if (path.containsKey(next)) {
          throw new JcomposeException.InvalidArgument(
              "dependency cycle detected: " + String.join(" -> ", path.keySet()) + " -> " + next);
        }
        enter(next, seen, path, stack);
      } else {
        path.remove(stack.pop());
        done.add(name);
      }
    }
  }

  private void enter(
      String name, Set<String> seen, Map<String, Iterator<String>> path, Deque<String> stack) {
    if (edges.containsKey(name) && seen.add(name)) {
      stack.push(name);
      path.put(name, of(name).keySet().iterator());
    }
  }

  private Set<String> closure(Collection<String> from, Function<String, List<String>> next) {
    Set<String> found = new LinkedHashSet<>();
    Deque<String> open = new ArrayDeque<>(from);
    while (!open.isEmpty()) {
      String name = open.pop();
      if (edges.containsKey(name) && found.add(name)) {
        open.addAll(next.apply(name));
      }
    }
    Set<String> sorted = new LinkedHashSet<>(edges.keySet());
    sorted.retainAll(found);
    return sorted;
  }
}
