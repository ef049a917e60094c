package io.jcompose.scheduler.plan;

import io.jcompose.core.ContainerView;
import io.jcompose.core.ContainerView.State;
import io.jcompose.scheduler.Labels;
import io.jcompose.scheduler.UpOptions;
import io.jcompose.scheduler.desired.Desired;
import io.jcompose.scheduler.desired.NamespaceRefs;
import io.jcompose.scheduler.desired.ServiceGraph;
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
 * The part of an {@code up}'s plan that stops and removes: leftovers of interrupted recreations,
 * orphans, surplus replicas, those that take a successor, and the stops of those that follow a
 * recreation or are on a network that is made anew. But for leftovers, nothing is touched before
 * all that the plan makes is made. One object a plan; confined to one thread.
 */
public final class Removals {
  private final UpOptions options;
  private final ServiceGraph graph;
  private final Map<String, ServiceDecision> decisions;
  private final SharedResources resources;
  private final ProjectPlan.Builder plan;
  private final Observed observed;
  private final List<ContainerView> orphans;
  private final Map<String, ContainerView> goingByName = new HashMap<>();
  private final Map<String, List<Integer>> leftovers = new HashMap<>();
  private final Map<String, List<Integer>> stops = new HashMap<>();
  private final Map<String, Integer> stopOf = new HashMap<>();
  private final Map<String, Integer> removalOf = new HashMap<>();
  private final Map<String, List<Integer>> freed = new HashMap<>();
  private final List<Integer> onReplaced = new ArrayList<>();
  private final List<Integer> orphanRemovals = new ArrayList<>();
  private List<Integer> made = List.of();

  Removals(
      Desired desired,
      Observed observed,
      UpOptions options,
      ServiceGraph graph,
      Map<String, ServiceDecision> decisions,
      SharedResources resources,
      ProjectPlan.Builder plan) {
    this.options = options;
    this.graph = graph;
    this.decisions = decisions;
    this.resources = resources;
    this.plan = plan;
    this.observed = observed;
    this.orphans = orphans(desired, observed);
    orphans.forEach(orphan -> goingByName.put(orphan.name(), orphan));
    for (ServiceDecision decision : decisions.values()) {
      decision.surplus().forEach(surplus -> goingByName.put(surplus.name(), surplus));
      decision.recreate().keySet().forEach(old -> goingByName.put(old.name(), old));
    }
  }

  /**
   * Adds the removals of what stands beside its predecessor: it has the very name that the next
   * successor needs. What it inherits stays with its predecessor; what else it has was never used.
   */
  void clearLeftovers() {
    for (ServiceDecision decision : decisions.values()) {
      List<Integer> steps = new ArrayList<>();
      for (ContainerView leftover : decision.leftovers()) {
        String why = "left by an interrupted recreation";
        List<Integer> before = List.of();
        if (lives(leftover)) {
          before = List.of(stop(leftover, List.of(), why, true));
        }
        boolean unused = leftover.startedAt() == null && AnonymousVolumes.areOwn(leftover);
        steps.add(remove(leftover, before, why, true, unused));
      }
      leftovers.put(decision.service().name(), steps);
    }
  }

  /** The steps after which the names that leftovers held are free. */
  List<Integer> leftoversOf(String service) {
    return leftovers.getOrDefault(service, List.of());
  }

  /** The container that has the name now and goes in this plan; null when it is free. */
  @Nullable ContainerView holder(String name) {
    return goingByName.get(name);
  }

  /**
   * Adds the stops, dependents first, and the removals of orphans and surplus replicas.
   *
   * @param creations the steps that make containers, networks and volumes
   */
  void stop(Collection<Integer> creations) {
    Set<String> followers = followers();
    stops.clear(); // those of leftovers come before all else
    if (!creations.isEmpty() && (!goingByName.isEmpty() || !followers.isEmpty())) {
      made = List.of(plan.add(new Operation.AllMade(), creations, "before anything is stopped"));
    }
    for (ContainerView orphan : orphans) {
      orphanRemovals.add(retire(orphan, "orphan"));
    }
    List<String> order = new ArrayList<>(decisions.keySet());
    Collections.reverse(order);
    for (String name : order) {
      ServiceDecision decision = decisions.get(name);
      if (decision != null) {
        stop(decision, followers.contains(name));
      }
    }
  }

  private void stop(ServiceDecision decision, boolean follows) {
    String name = decision.service().name();
    for (ContainerView surplus : decision.surplus()) {
      freed.computeIfAbsent(name, key -> new ArrayList<>()).add(retire(surplus, "scaled down"));
    }
    decision
        .recreate()
        .forEach(
            (old, reason) -> {
              if (lives(old)) {
                stop(old, stopsOfDependents(name), reason, true);
              }
            });
    for (ContainerView container : decision.keep()) {
      if (lives(container) && resources.isOnReplaced(container)) {
        stop(container, stopsOfDependents(name), "its network is made anew", true);
      } else if (container.isRunning() && follows) {
        stop(container, stopsOfDependents(name), "a dependency is recreated", true);
      } else if (container.isRunning() && losesNamespace(container)) {
        stop(container, stopsOfDependents(name), "the owner of its namespace started anew", true);
      }
    }
  }

  /**
   * Whether another's start, a former one or one of this plan, leaves it an abandoned namespace.
   */
  private boolean losesNamespace(ContainerView container) {
    return !options.noStart()
        && observed.containers().stream()
            .filter(owner -> NamespaceRefs.holds(container.spec(), owner.id()))
            .anyMatch(
                owner ->
                    owner.isRunning()
                        ? NamespaceRefs.holdsFormer(container, owner)
                            || resources.isOnReplaced(owner)
                        : decisions.containsKey(Labels.service(owner)));
  }

  /** Services that follow the restart of a recreated one, and end before it does. */
  private Set<String> followers() {
    Set<String> recreated = new LinkedHashSet<>();
    decisions.forEach(
        (name, decision) -> {
          if (!decision.recreate().isEmpty()) {
            recreated.add(name);
          }
        });
    if (recreated.isEmpty() || options.noStart()) {
      return Set.of();
    }
    Set<String> followers = new LinkedHashSet<>(graph.withFollowers(recreated));
    followers.removeAll(recreated);
    return followers;
  }

  private List<ContainerView> orphans(Desired desired, Observed observed) {
    Set<String> known = new LinkedHashSet<>(desired.services().keySet());
    known.addAll(desired.disabledServices());
    List<ContainerView> found = new ArrayList<>();
    for (ContainerView container : observed.containers()) {
      boolean ended = !container.isRunning();
      if (Labels.isOneOff(container) ? ended : !known.contains(Labels.service(container))) {
        found.add(container);
      }
    }
    if (found.isEmpty() || options.ignoreOrphans()) {
      return List.of();
    }
    if (options.removeOrphans()) {
      return found;
    }
    plan.warn(
        "Found orphan containers (["
            + String.join(" ", found.stream().map(ContainerView::name).toList())
            + "]) for this project. If you removed or renamed this service in your compose file,"
            + " you can run this command with the --remove-orphans flag to clean it up.");
    return List.of();
  }

  public static boolean lives(ContainerView container) {
    return container.isRunning() || container.state() == State.RESTARTING;
  }

  /** What a network's replacement waits for: the stops of all who are on it. */
  List<Integer> beforeReplacements() {
    return onReplaced.isEmpty() ? made : onReplaced;
  }

  /** The container's stop in this plan; null when it is not stopped. */
  @Nullable Integer stopOf(ContainerView container) {
    return stopOf.get(container.id());
  }

  /** The step after which the name of a container that goes is free; null if it stays. */
  @Nullable Integer removalOf(ContainerView container) {
    return removalOf.get(container.id());
  }

  /** What a start of the service comes after, for it may need their ports. */
  List<Integer> freedFor(String service) {
    List<Integer> steps = new ArrayList<>(orphanRemovals);
    steps.addAll(freed.getOrDefault(service, List.of()));
    return steps;
  }

  /** The steps that stop who depends on the service. */
  private List<Integer> stopsOfDependents(String service) {
    List<Integer> found = new ArrayList<>();
    for (String dependent : graph.dependents(service)) {
      found.addAll(stops.getOrDefault(dependent, List.of()));
    }
    return found;
  }

  /**
   * Adds the removal of a container whose successor is made.
   *
   * @param after what else it comes after
   */
  void replace(ContainerView old, Collection<Integer> after, String why) {
    Integer stopped = stopOf(old);
    Set<Integer> before = new LinkedHashSet<>(stopped == null ? made : List.of(stopped));
    before.addAll(after);
    remove(old, before, why, true, options.renewAnonVolumes());
  }

  /** Stops and removes a container that nothing takes the place of; its volumes stay. */
  private int retire(ContainerView container, String why) {
    List<Integer> before = made;
    if (lives(container)) {
      before = List.of(stop(container, stopsOfDependents(Labels.service(container)), why, false));
    }
    return remove(container, before, why, false, false);
  }

  private int stop(ContainerView container, Collection<Integer> after, String why, boolean quiet) {
    Set<Integer> before = new LinkedHashSet<>(after.isEmpty() ? made : after);
    int step =
        plan.add(
            new Operation.StopContainer(
                container.name(), container.id(), options.timeout(), false, quiet, false),
            before,
            why);
    stops.computeIfAbsent(Labels.service(container), key -> new ArrayList<>()).add(step);
    stopOf.put(container.id(), step);
    if (resources.isOnReplaced(container)) {
      onReplaced.add(step);
    }
    return step;
  }

  private int remove(
      ContainerView container,
      Collection<Integer> after,
      String why,
      boolean quiet,
      boolean volumes) {
    int step =
        plan.add(
            new Operation.RemoveContainer(container.name(), container.id(), volumes, quiet),
            after,
            why);
    removalOf.put(container.id(), step);
    return step;
  }
}
