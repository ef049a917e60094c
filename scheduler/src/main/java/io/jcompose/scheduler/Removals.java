package io.jcompose.scheduler;

import io.jcompose.core.ContainerView;
import io.jcompose.core.ContainerView.State;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The part of an {@code up}'s plan that stops and removes: orphans, surplus replicas, leftovers of
 * interrupted recreations, containers on networks that are made anew, and the stops of those that
 * follow a recreation. One object a plan; confined to one thread.
 */
final class Removals {
  private final Observed observed;
  private final UpOptions options;
  private final ServiceGraph graph;
  private final Map<String, ServiceDecision> decisions;
  private final SharedResources resources;
  private final Plan.Builder plan;
  private final Map<String, List<Integer>> stops = new HashMap<>();
  private final Map<String, Integer> beforeNetworks = new HashMap<>();
  private final Map<String, List<Integer>> leftovers = new HashMap<>();
  private final Set<String> stoppedFollowers = new LinkedHashSet<>();

  Removals(
      Observed observed,
      UpOptions options,
      ServiceGraph graph,
      Map<String, ServiceDecision> decisions,
      SharedResources resources,
      Plan.Builder plan) {
    this.observed = observed;
    this.options = options;
    this.graph = graph;
    this.decisions = decisions;
    this.resources = resources;
    this.plan = plan;
  }

  /** Adds what must go before networks are changed and successors are made. */
  void plan(Desired desired) {
    orphans(desired);
    stopFollowers();
    decisions.values().forEach(this::clear);
    retireForNetworks();
  }

  /** The removals that a network's removal waits for. */
  Collection<Integer> beforeNetworks() {
    return beforeNetworks.values();
  }

  /** The removal of a container that goes before its network does; null if it may stay longer. */
  @Nullable Integer beforeNetworks(ContainerView container) {
    return beforeNetworks.get(container.id());
  }

  /** The steps after which the names that leftovers held are free. */
  List<Integer> leftoversOf(String service) {
    return leftovers.getOrDefault(service, List.of());
  }

  List<Integer> stopsOf(String service) {
    return stops.getOrDefault(service, List.of());
  }

  boolean isStoppedFollower(ContainerView container) {
    return stoppedFollowers.contains(container.id());
  }

  /** Adds the removal of the replicas that are too many. */
  void surplus(ServiceDecision decision) {
    for (ContainerView surplus : decision.surplus()) {
      if (!beforeNetworks.containsKey(surplus.id())) {
        retire(surplus, List.of(), "scaled down", false, false);
      }
    }
  }

  private void orphans(Desired desired) {
    Set<String> known = new LinkedHashSet<>(desired.services().keySet());
    known.addAll(desired.disabledServices());
    List<ContainerView> orphans = new ArrayList<>();
    for (ContainerView container : observed.containers()) {
      boolean ended = !container.isRunning();
      if (Observed.isOneOff(container) ? ended : !known.contains(Observed.service(container))) {
        orphans.add(container);
      }
    }
    if (orphans.isEmpty() || options.ignoreOrphans()) {
      return;
    }
    if (!options.removeOrphans()) {
      plan.warn(
          "Found orphan containers (["
              + String.join(" ", orphans.stream().map(ContainerView::name).toList())
              + "]) for this project. If you removed or renamed this service in your compose file,"
              + " you can run this command with the --remove-orphans flag to clean it up.");
      return;
    }
    for (ContainerView orphan : orphans) {
      beforeNetworks(orphan, retire(orphan, List.of(), "orphan", false, false));
    }
  }

  /** Containers that follow the restart of a recreated service end before it does. */
  private void stopFollowers() {
    Set<String> recreated = new LinkedHashSet<>();
    decisions.forEach(
        (name, decision) -> {
          if (!decision.recreate().isEmpty()) {
            recreated.add(name);
          }
        });
    if (recreated.isEmpty() || options.noStart()) {
      return;
    }
    Set<String> followers = new LinkedHashSet<>(graph.withFollowers(recreated));
    List<String> order = new ArrayList<>(decisions.keySet());
    Collections.reverse(order);
    for (String name : order) {
      ServiceDecision decision = decisions.get(name);
      if (decision == null || !followers.contains(name)) {
        continue;
      }
      for (ContainerView container : decision.keep()) {
        if (container.isRunning() && !recreated.contains(name)) {
          stop(container, name, stopsOfDependents(name), "a dependency is recreated", true);
          stoppedFollowers.add(container.id());
        }
      }
    }
  }

  /** A leftover has the very name that the next successor needs, so it goes first. */
  private void clear(ServiceDecision decision) {
    List<Integer> steps = new ArrayList<>();
    for (ContainerView leftover : decision.leftovers()) {
      int step = retire(leftover, List.of(), "left by an interrupted recreation", true, true);
      steps.add(step);
      beforeNetworks(leftover, step);
    }
    leftovers.put(decision.service().name(), steps);
  }

  /** A network that is made anew can go only after all who are on it. */
  private void beforeNetworks(ContainerView container, int removal) {
    if (resources.isOnReplaced(container)) {
      beforeNetworks.put(container.id(), removal);
    }
  }

  /** Containers on a network that is made anew go before it; their successors come after. */
  private void retireForNetworks() {
    List<String> order = new ArrayList<>(decisions.keySet());
    Collections.reverse(order);
    for (String name : order) {
      ServiceDecision decision = decisions.get(name);
      if (decision == null) {
        continue;
      }
      for (ContainerView surplus : decision.surplus()) {
        if (resources.isOnReplaced(surplus)) {
          beforeNetworks.put(surplus.id(), retire(surplus, List.of(), "scaled down", false, false));
        }
      }
      decision
          .recreate()
          .forEach(
              (container, reason) -> {
                if (resources.isOnReplaced(container)) {
                  int step = retire(container, stopsOfDependents(name), reason, true, true);
                  beforeNetworks.put(container.id(), step);
                }
              });
    }
  }

  static boolean lives(ContainerView container) {
    return container.isRunning() || container.state() == State.RESTARTING;
  }

  /** The steps that stop who depends on the service. */
  List<Integer> stopsOfDependents(String service) {
    List<Integer> found = new ArrayList<>();
    for (String dependent : graph.dependents(service)) {
      found.addAll(stopsOf(dependent));
    }
    return found;
  }

  private int stop(
      ContainerView container, String service, Iterable<Integer> after, String why, boolean quiet) {
    int step =
        plan.add(
            new Operation.StopContainer(
                container.name(), container.id(), options.timeout(), false, quiet),
            after,
            why);
    stops.computeIfAbsent(service, key -> new ArrayList<>()).add(step);
    return step;
  }

  /** Stops and removes a container; returns the last step. */
  int retire(
      ContainerView container,
      Iterable<Integer> after,
      String why,
      boolean quiet,
      boolean keepVolumes) {
    Iterable<Integer> before = after;
    if (lives(container)) {
      before = List.of(stop(container, Observed.service(container), after, why, quiet));
    }
    return plan.add(
        new Operation.RemoveContainer(
            container.name(), container.id(), !keepVolumes || options.renewAnonVolumes(), quiet),
        before,
        why);
  }
}
