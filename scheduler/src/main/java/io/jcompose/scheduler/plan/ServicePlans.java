package io.jcompose.scheduler.plan;

import io.jcompose.compose.model.Dependency;
import io.jcompose.compose.model.Dependency.Condition;
import io.jcompose.core.ContainerView;
import io.jcompose.core.ContainerView.State;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Networks.NetworkView;
import io.jcompose.scheduler.DownOptions;
import io.jcompose.scheduler.Labels;
import io.jcompose.scheduler.desired.NamespaceRefs;
import io.jcompose.scheduler.desired.ServiceGraph;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Plans for containers that exist: start, stop, restart, down and bringing back. Pure; one object a
 * plan, confined to one thread.
 */
public final class ServicePlans {
  private final ServiceGraph graph;
  private final Observed observed;
  private final Predicate<ContainerView> meant;
  private final Map<String, List<ContainerView>> replicas;
  private final ProjectPlan.Builder plan = new ProjectPlan.Builder();
  private final Map<String, List<Integer>> stops = new HashMap<>();
  private final Map<String, List<Integer>> starts = new HashMap<>();
  private final Map<String, Integer> awaits = new HashMap<>();

  public ServicePlans(ServiceGraph graph, Observed observed) {
    this(graph, observed, view -> true);
  }

  /**
   * @param meant which of the services' containers are started and restarted, but for those that
   *     follow
   */
  public ServicePlans(ServiceGraph graph, Observed observed, Predicate<ContainerView> meant) {
    this.meant = meant;
    this.graph = graph;
    this.observed = observed;
    this.replicas = observed.replicas();
  }

  /**
   * Starts what does not run of the services, each after what it depends on.
   *
   * @param await also wait until all of them run and are healthy
   */
  public ProjectPlan start(Collection<String> services, boolean await) {
    for (String service : services) {
      if (!replicas.containsKey(service)) {
        throw new JcomposeException.NotFound(
            "service \"" + service + "\" has no container to start");
      }
    }
    Predicate<ContainerView> begun =
        view -> services.contains(Labels.service(view)) && !isAlive(view) && meant.test(view);
    Set<String> ids = ids(begun);
    Predicate<ContainerView> sharers =
        view -> isAlive(view) && ids.stream().anyMatch(id -> NamespaceRefs.holds(view.spec(), id));
    for (ContainerView view : observed.containers()) {
      if (sharers.test(view)) {
        stopIfAlive(view, Labels.service(view), null, false, true, "it shares a namespace");
      }
    }
    ProjectPlan started = bringBack(begun.or(sharers), false);
    if (!await) {
      return started;
    }
    services.forEach(this::awaitRunning);
    return plan.build();
  }

  private void awaitRunning(String service) {
    List<String> names =
        replicas.getOrDefault(service, List.of()).stream()
            .filter(meant)
            .map(ContainerView::name)
            .toList();
    plan.add(
        new Operation.AwaitRunning(service, names),
        starts.getOrDefault(service, List.of()),
        "--wait");
  }

  private Set<String> ids(Predicate<ContainerView> chosen) {
    return observed.containers().stream()
        .filter(chosen)
        .map(ContainerView::id)
        .collect(Collectors.toSet());
  }

  /** With those whose containers share namespaces of theirs, which a start makes anew. */
  private Set<String> withSharers(Set<String> services) {
    Set<String> ids = ids(view -> services.contains(Labels.service(view)) && meant.test(view));
    Set<String> all = new LinkedHashSet<>(services);
    for (ContainerView view : observed.containers()) {
      if (isAlive(view) && ids.stream().anyMatch(id -> NamespaceRefs.holds(view.spec(), id))) {
        all.add(Labels.service(view));
      }
    }
    return all;
  }

  /**
   * Starts the chosen containers in dependency order with their conditions; but for those that an
   * interrupted recreation left beside their predecessors.
   *
   * @param lenient a condition that fails is a warning: what ran before is to run again
   */
  public ProjectPlan bringBack(Predicate<ContainerView> chosen, boolean lenient) {
    for (String service : graph.order()) {
      List<Integer> made = new ArrayList<>();
      for (ContainerView view : replicas.getOrDefault(service, List.of())) {
        if (chosen.test(view) && !observed.isLeftover(view)) {
          Set<Integer> after = conditions(service, chosen, lenient);
          after.addAll(stops.getOrDefault(service, List.of()));
          made.add(
              plan.add(
                  new Operation.StartContainer(view.name(), view.id(), isAlive(view)),
                  after,
                  lenient ? "it ran before" : "it does not run"));
        }
      }
      starts.put(service, made);
    }
    return plan.build();
  }

  /** Stops what runs of the services, dependents first. */
  public ProjectPlan stop(Collection<String> services, @Nullable Duration timeout) {
    for (String service : reverseOrder()) {
      if (services.contains(service)) {
        replicas
            .getOrDefault(service, List.of())
            .forEach(view -> stopIfAlive(view, service, timeout, true, false, "asked for"));
      }
    }
    return plan.build();
  }

  /** Restarts the services, and those that follow them, each after what it depends on. */
  public ProjectPlan restart(
      Collection<String> services, @Nullable Duration timeout, boolean noDeps) {
    Set<String> all =
        withSharers(new LinkedHashSet<>(noDeps ? services : graph.withFollowers(services)));
    Predicate<ContainerView> chosen =
        view ->
            all.contains(Labels.service(view))
                && (meant.test(view) || !services.contains(Labels.service(view)))
                && !observed.isLeftover(view);
    for (String service : reverseOrder()) {
      String cause = services.contains(service) ? "asked for" : "a dependency is restarted";
      for (ContainerView view : replicas.getOrDefault(service, List.of())) {
        if (chosen.test(view) || (all.contains(service) && observed.isLeftover(view))) {
          stopIfAlive(view, service, timeout, false, true, cause);
        }
      }
    }
    for (String service : graph.order()) {
      starts.put(service, startAgain(service, chosen));
    }
    return plan.build();
  }

  private List<Integer> startAgain(String service, Predicate<ContainerView> chosen) {
    List<Integer> made = new ArrayList<>();
    for (ContainerView view : replicas.getOrDefault(service, List.of())) {
      if (chosen.test(view)) {
        Set<Integer> after = new LinkedHashSet<>(stops.getOrDefault(service, List.of()));
        after.addAll(conditions(service, chosen, false));
        made.add(
            plan.add(new Operation.StartContainer(view.name(), view.id(), true), after, "restart"));
      }
    }
    return made;
  }

  /**
   * Stops and removes the containers that the options mean, then what they used.
   *
   * @param networks to remove
   * @param volumes names to remove
   * @param images references to remove
   */
  public ProjectPlan down(
      DownOptions options, List<NetworkView> networks, List<String> volumes, List<String> images) {
    List<Integer> removed = new ArrayList<>();
    Map<String, List<ContainerView>> byService = new LinkedHashMap<>();
    for (ContainerView view : observed.containers()) {
      byService.computeIfAbsent(Labels.service(view), key -> new ArrayList<>()).add(view);
    }
    Set<String> order = new LinkedHashSet<>(reverseOrder());
    order.addAll(byService.keySet());
    for (String service : order) {
      for (ContainerView view : byService.getOrDefault(service, List.of())) {
        if (options.means(view)) {
          List<Integer> after = stopIfAlive(view, service, options.timeout(), true, false, "down");
          removed.add(
              plan.add(
                  new Operation.RemoveContainer(view.name(), view.id(), options.volumes(), false),
                  after,
                  "down"));
        }
      }
    }
    networks.forEach(
        network ->
            plan.add(new Operation.RemoveNetwork(network.name(), network.id()), removed, "down"));
    volumes.forEach(name -> plan.add(new Operation.RemoveVolume(name), removed, "down -v"));
    images.forEach(name -> plan.add(new Operation.RemoveImage(name), removed, "down --rmi"));
    return plan.build();
  }

  private List<Integer> stopIfAlive(
      ContainerView view,
      String service,
      @Nullable Duration timeout,
      boolean manual,
      boolean quiet,
      String cause) {
    if (!isAlive(view)) {
      return List.of();
    }
    List<Integer> after = new ArrayList<>();
    for (String dependent : graph.dependents(service)) {
      after.addAll(stops.getOrDefault(dependent, List.of()));
    }
    int step =
        plan.add(
            new Operation.StopContainer(
                view.name(),
                view.id(),
                timeout,
                manual,
                quiet,
                quiet && !observed.isLeftover(view)),
            after,
            cause);
    stops.computeIfAbsent(service, key -> new ArrayList<>()).add(step);
    return List.of(step);
  }

  private Set<Integer> conditions(
      String service, Predicate<ContainerView> chosen, boolean lenient) {
    Set<Integer> after = new LinkedHashSet<>();
    for (Map.Entry<String, Dependency> entry : graph.of(service).entrySet()) {
      condition(entry.getKey(), entry.getValue(), chosen, lenient, after);
    }
    return after;
  }

  private void condition(
      String dependency,
      Dependency how,
      Predicate<ContainerView> chosen,
      boolean lenient,
      Set<Integer> after) {
    List<Integer> before = starts.getOrDefault(dependency, List.of());
    List<String> refs =
        replicas.getOrDefault(dependency, List.of()).stream()
            .filter(view -> isAlive(view) || chosen.test(view))
            .map(ContainerView::name)
            .toList();
    boolean required = how.required() && !lenient;
    if (refs.isEmpty() || (how.condition() == Condition.STARTED && required)) {
      after.addAll(before);
      return;
    }
    after.add(
        awaits.computeIfAbsent(
            dependency + how.condition() + required,
            missing ->
                plan.add(
                    new Operation.AwaitCondition(dependency, refs, how.condition(), required),
                    before,
                    "others depend on " + dependency)));
  }

  private List<String> reverseOrder() {
    List<String> order = new ArrayList<>(graph.order());
    Collections.reverse(order);
    return order;
  }

  private static boolean isAlive(ContainerView view) {
    return view.isRunning() || view.state() == State.RESTARTING;
  }
}
