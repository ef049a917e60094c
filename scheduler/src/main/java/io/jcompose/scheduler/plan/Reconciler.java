package io.jcompose.scheduler.plan;

import io.jcompose.compose.model.Dependency;
import io.jcompose.compose.model.Dependency.Condition;
import io.jcompose.core.ContainerSpec;
import io.jcompose.core.ContainerView;
import io.jcompose.core.ContainerView.HealthStatus;
import io.jcompose.core.JcomposeException;
import io.jcompose.scheduler.Labels;
import io.jcompose.scheduler.ServiceNames;
import io.jcompose.scheduler.UpOptions;
import io.jcompose.scheduler.desired.Desired;
import io.jcompose.scheduler.desired.NamespaceRefs;
import io.jcompose.scheduler.desired.ServiceGraph;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Plans an {@code up}: a pure function of the desired and the observed project. Planning the same
 * twice gives the same plan, and a plan that was carried out in part is completed by planning
 * again. It makes all first, then stops what is in the way, then lets successors take over: at each
 * moment a container with data, or its successor that inherits it, is written down. One object a
 * plan; confined to one thread.
 */
public final class Reconciler {
  private final Desired desired;
  private final Observed observed;
  private final UpOptions options;
  private final ServiceGraph graph;
  private final ProjectPlan.Builder plan = new ProjectPlan.Builder();
  private final Set<String> selected;
  private final Map<String, ServiceDecision> decisions;
  private final SharedResources resources;
  private final Removals removals;
  private final Map<String, List<Integer>> made = new HashMap<>();
  private final Map<String, Integer> creationOf = new HashMap<>();
  private final Map<String, String> temporaryNames = new HashMap<>();
  private final Map<String, List<Integer>> started = new HashMap<>();
  private final Map<String, List<String>> names = new HashMap<>();
  private final Map<String, Integer> awaits = new HashMap<>();
  private final @Nullable ContainerSpec oneOff;
  private final String oneOffService;

  private Reconciler(
      Desired desired,
      Observed observed,
      UpOptions options,
      Set<String> former,
      Set<String> refused,
      @Nullable ContainerSpec oneOff,
      String oneOffService) {
    this.oneOff = oneOff;
    this.oneOffService = oneOffService;
    this.desired = desired;
    this.observed = observed;
    this.options = options;
    this.graph = desired.graph();
    Set<String> named = named();
    this.selected = new LinkedHashSet<>(options.noDeps() ? named : graph.withDependencies(named));
    this.resources = new SharedResources(desired, observed, plan);
    Set<String> replaced = resources.replacedNetworks(selected);
    selected.addAll(resources.servicesOn(replaced));
    Set<String> managed = new LinkedHashSet<>(selected);
    managed.remove(oneOffService);
    Divergence divergence = new Divergence(desired, observed, replaced);
    this.decisions =
        new Decisions(desired, observed, options, former, divergence, refused)
            .decide(managed, named);
    this.removals = new Removals(desired, observed, options, graph, decisions, resources, plan);
  }

  /**
   * The steps from the observed to the desired project.
   *
   * @param former ids of the containers that there were when it was asked for
   * @throws JcomposeException.NotFound for an unknown service, external network or volume
   */
  public static ProjectPlan up(
      Desired desired, Observed observed, UpOptions options, Set<String> former) {
    return up(desired, observed, options, former, Set.of());
  }

  /**
   * As {@link #up(Desired, Observed, UpOptions, Set)}.
   *
   * @param refused ids of containers that cannot be changed while they run
   */
  public static ProjectPlan up(
      Desired desired,
      Observed observed,
      UpOptions options,
      Set<String> former,
      Set<String> refused) {
    return new Reconciler(desired, observed, options, former, refused, null, "").plan();
  }

  /**
   * The steps to a one-off container of a service, made but not started: what it depends on comes
   * up first unless the options leave dependencies out.
   */
  public static ProjectPlan run(
      Desired desired,
      Observed observed,
      UpOptions options,
      String service,
      ContainerSpec container) {
    return new Reconciler(
            desired,
            observed,
            options.withServices(List.of(service)),
            Set.of(),
            Set.of(),
            container,
            service)
        .plan();
  }

  private Set<String> named() {
    if (options.services().isEmpty()) {
      return new LinkedHashSet<>(desired.services().keySet());
    }
    for (String name : options.services()) {
      if (!desired.services().containsKey(name)) {
        throw ServiceNames.noSuchService(name, desired.services().keySet());
      }
    }
    return new LinkedHashSet<>(options.services());
  }

  private ProjectPlan plan() {
    removals.clearLeftovers();
    resources.plan(selected, options.allResources());
    decisions.values().forEach(this::make);
    List<Integer> creations = resources.creations();
    made.values().forEach(creations::addAll);
    removals.stop(creations);
    resources.replace(selected, removals.beforeReplacements());
    for (ServiceDecision decision : decisions.values()) {
      List<Integer> after = resources.replacementsOf(decision.service());
      decision.recreate().forEach((old, reason) -> removals.replace(old, after, reason));
    }
    decisions.values().forEach(this::bring);
    if (oneOff != null) {
      oneOff(oneOff);
    }
    if (options.awaitRunning() && !options.noStart()) {
      decisions.keySet().forEach(this::awaitRunning);
    }
    return plan.build();
  }

  private void oneOff(ContainerSpec spec) {
    Desired.Service service = desired.services().get(oneOffService);
    if (service == null) {
      throw new JcomposeException.NotFound("no such service: " + oneOffService);
    }
    Set<Integer> after = new LinkedHashSet<>(resources.stepsOf(service));
    NamespaceRefs.services(service.template())
        .forEach(owner -> after.addAll(made.getOrDefault(owner, List.of())));
    service.dependsOn().forEach((name, how) -> after.addAll(conditionOf(name, how)));
    after.addAll(resources.replacementsOf(service));
    plan.add(new Operation.CreateContainer(spec, spec.name(), "", ""), after, "run");
  }

  /** Adds the steps that make the successors and the missing containers of a service. */
  private void make(ServiceDecision decision) {
    String service = decision.service().name();
    Set<Integer> ready = new LinkedHashSet<>(removals.leftoversOf(service));
    ready.addAll(resources.stepsOf(decision.service()));
    for (String owner : NamespaceRefs.services(decision.service().template())) {
      ready.addAll(made.getOrDefault(owner, List.of()));
    }
    decision
        .recreate()
        .forEach(
            (old, reason) -> {
              ContainerSpec fresh = spec(decision, Math.max(1, Labels.number(old)));
              create(service, inheriting(fresh, old), old, reason, reason, ready);
            });
    for (int number : decision.missing()) {
      ContainerSpec spec = spec(decision, number);
      create(service, spec, removals.holder(spec.name()), "", "it does not exist", ready);
    }
  }

  private ContainerSpec inheriting(ContainerSpec spec, ContainerView old) {
    return options.renewAnonVolumes()
        ? spec
        : AnonymousVolumes.inherit(
            spec, old.anonymousVolumes(), observed.declaredVolumes(spec.image(), old));
  }

  /**
   * @param holder who goes, and must be gone before the container can have its name; null is nobody
   * @param recreation why it takes the place of the holder; empty when it only takes its name
   */
  private void create(
      String service,
      ContainerSpec spec,
      @Nullable ContainerView holder,
      String recreation,
      String cause,
      Set<Integer> after) {
    ContainerSpec first = spec;
    if (holder != null) {
      first = Replica.successor(spec, holder);
      temporaryNames.put(spec.name(), first.name());
    }
    String predecessor = holder == null ? "" : holder.id();
    int step =
        plan.add(
            new Operation.CreateContainer(first, spec.name(), recreation, predecessor),
            after,
            cause);
    made.computeIfAbsent(service, key -> new ArrayList<>()).add(step);
    creationOf.put(spec.name(), step);
  }

  /** Adds the steps by which a service's containers come to be as desired. */
  private void bring(ServiceDecision decision) {
    for (ContainerView container : decision.keep()) {
      keep(decision, container);
    }
    decision
        .recreate()
        .forEach(
            (old, reason) -> {
              String name = name(decision, Labels.number(old));
              List<Integer> named = rename(name, removals.removalOf(old), reason);
              start(decision, name, name, named, "it was recreated");
            });
    for (int number : decision.missing()) {
      String name = name(decision, number);
      List<Integer> named = rename(name, creationOf.get(name), "it does not exist");
      start(decision, name, name, named, "it was created");
    }
  }

  private String name(ServiceDecision decision, int number) {
    return Replica.name(desired.project(), decision.service(), Math.max(1, number));
  }

  /** Gives a container that the plan makes its name, once the container that has it is gone. */
  private List<Integer> rename(String name, @Nullable Integer last, String cause) {
    Set<Integer> before = new LinkedHashSet<>();
    add(before, last);
    String temporary = temporaryNames.get(name);
    if (temporary == null) {
      return List.copyOf(before);
    }
    ContainerView holder = removals.holder(name);
    add(before, holder == null ? null : removals.removalOf(holder));
    return List.of(plan.add(new Operation.RenameContainer(temporary, name, ""), before, cause));
  }

  private static void add(Set<Integer> steps, @Nullable Integer step) {
    if (step != null) {
      steps.add(step);
    }
  }

  private void keep(ServiceDecision decision, ContainerView container) {
    String name = decision.finalName(container);
    List<Integer> before = new ArrayList<>();
    if (!name.equals(container.name())) {
      before.add(
          plan.add(
              new Operation.RenameContainer(container.name(), name, container.id()),
              List.of(),
              "an interrupted recreation"));
    }
    ContainerSpec change = decision.update().get(container);
    if (change != null) {
      before.add(
          plan.add(
              new Operation.UpdateContainer(name, container.id(), change),
              List.copyOf(before),
              "limits or restart policy changed"));
    }
    run(decision, container, name, before);
  }

  /** Starts a container that is kept, unless it runs. */
  private void run(
      ServiceDecision decision, ContainerView container, String name, List<Integer> before) {
    Integer stopped = removals.stopOf(container);
    List<Integer> ready = new ArrayList<>(before);
    ready.addAll(resources.stepsOf(decision.service()));
    if (stopped != null) {
      ready.add(stopped);
      start(decision, name, container.id(), ready, "it was stopped for this");
    } else if (options.noStart() || Removals.lives(container)) {
      names.computeIfAbsent(decision.service().name(), key -> new ArrayList<>()).add(name);
      if (!decision.update().containsKey(container)) {
        plan.add(new Operation.KeepContainer(name, container.id()), before, "nothing changed");
      }
      if (!options.noStart()) {
        awaitDependencies(decision.service());
      }
    } else {
      start(decision, name, container.id(), ready, "it does not run");
    }
  }

  private void start(
      ServiceDecision decision, String name, String ref, Collection<Integer> before, String cause) {
    String service = decision.service().name();
    names.computeIfAbsent(service, key -> new ArrayList<>()).add(name);
    if (options.noStart()) {
      return;
    }
    Set<Integer> after = new LinkedHashSet<>(before);
    after.addAll(resources.replacementsOf(decision.service()));
    after.addAll(removals.freedFor(service));
    decision
        .service()
        .dependsOn()
        .forEach((dependency, how) -> after.addAll(conditionOf(dependency, how)));
    int step = plan.add(new Operation.StartContainer(name, ref, false), after, cause);
    started.computeIfAbsent(service, key -> new ArrayList<>()).add(step);
  }

  /** The steps after which a dependent may start. */
  private List<Integer> conditionOf(String dependency, Dependency how) {
    if (!decisions.containsKey(dependency)) {
      return List.of();
    }
    List<Integer> starts = started.getOrDefault(dependency, List.of());
    List<String> refs = names.getOrDefault(dependency, List.of());
    boolean plain = how.condition() == Condition.STARTED;
    if ((plain && (how.required() || starts.isEmpty())) || refs.isEmpty()) {
      return starts;
    }
    if (starts.isEmpty() && how.condition() == Condition.HEALTHY && isHealthy(dependency)) {
      return List.of();
    }
    String key = awaited(dependency, how.condition()) + how.required();
    return List.of(
        awaits.computeIfAbsent(
            key,
            missing ->
                plan.add(
                    new Operation.AwaitCondition(dependency, refs, how.condition(), how.required()),
                    starts,
                    "others depend on " + dependency)));
  }

  /** What runs already stays, but all is not well before its dependencies are as it asks. */
  private void awaitDependencies(Desired.Service service) {
    service
        .dependsOn()
        .forEach(
            (dependency, how) -> {
              if (how.condition() != Condition.STARTED) {
                List<Integer> ignored = conditionOf(dependency, how);
              }
            });
  }

  private boolean isHealthy(String service) {
    ServiceDecision decision = decisions.get(service);
    return decision != null
        && decision.keep().stream().allMatch(view -> view.health() == HealthStatus.HEALTHY);
  }

  private void awaitRunning(String service) {
    List<String> refs = names.getOrDefault(service, List.of());
    String job = awaited(service, Condition.COMPLETED_SUCCESSFULLY);
    boolean isJob = awaits.keySet().stream().anyMatch(key -> key.startsWith(job));
    if (!refs.isEmpty() && !isJob) {
      plan.add(
          new Operation.AwaitRunning(service, refs),
          started.getOrDefault(service, List.of()),
          "--wait");
    }
  }

  private static String awaited(String service, Condition condition) {
    return service + " " + condition + " ";
  }

  private ContainerSpec spec(ServiceDecision decision, int number) {
    Desired.Service service = decision.service();
    String image = observed.imageIds().getOrDefault(service.template().image(), "");
    return Replica.spec(desired.project(), service, number, image);
  }
}
