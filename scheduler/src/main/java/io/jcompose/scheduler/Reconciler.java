package io.jcompose.scheduler;

import io.jcompose.compose.Dependency;
import io.jcompose.compose.Dependency.Condition;
import io.jcompose.core.ContainerSpec;
import io.jcompose.core.ContainerView;
import io.jcompose.core.ContainerView.HealthStatus;
import io.jcompose.core.JcomposeException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Plans an {@code up}: a pure function of what a project shall be and what there is. Planning the
 * same twice gives the same plan, and a plan that was carried out in part is completed by planning
 * again. One object a plan; confined to one thread.
 */
final class Reconciler {
  private final Desired desired;
  private final Observed observed;
  private final UpOptions options;
  private final ServiceGraph graph;
  private final Plan.Builder plan = new Plan.Builder();
  private final Set<String> selected;
  private final Map<String, ServiceDecision> decisions;
  private final SharedResources resources;
  private final Removals removals;
  private final Map<String, List<Integer>> made = new HashMap<>();
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
    this.removals = new Removals(observed, options, graph, decisions, resources, plan);
  }

  /**
   * The steps from what there is to what shall be.
   *
   * @param former ids of the containers that there were when it was asked for
   * @throws JcomposeException.NotFound for an unknown service, external network or volume
   */
  static Plan up(Desired desired, Observed observed, UpOptions options, Set<String> former) {
    return up(desired, observed, options, former, Set.of());
  }

  /**
   * As {@link #up(Desired, Observed, UpOptions, Set)}.
   *
   * @param refused ids of containers that cannot be changed while they run
   */
  static Plan up(
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
  static Plan run(
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
        throw new JcomposeException.NotFound("no such service: " + name);
      }
    }
    return new LinkedHashSet<>(options.services());
  }

  private Plan plan() {
    removals.plan(desired);
    resources.plan(selected, removals.beforeNetworks());
    decisions.values().forEach(this::service);
    if (oneOff != null) {
      oneOff(oneOff);
    }
    if (options.awaitRunning()) {
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
    plan.add(new Operation.CreateContainer(spec, spec.name(), ""), after, "run");
  }

  private void service(ServiceDecision decision) {
    String name = decision.service().name();
    removals.surplus(decision);
    Set<Integer> ready = new LinkedHashSet<>(removals.leftoversOf(name));
    ready.addAll(resources.stepsOf(decision.service()));
    for (String owner : NamespaceRefs.services(decision.service().template())) {
      ready.addAll(made.getOrDefault(owner, List.of()));
    }
    for (ContainerView container : decision.keep()) {
      keep(decision, container);
    }
    decision
        .recreate()
        .forEach((container, reason) -> recreate(decision, container, reason, ready));
    for (int number : decision.missing()) {
      ContainerSpec spec = spec(decision, number);
      int step =
          plan.add(
              new Operation.CreateContainer(spec, spec.name(), ""), ready, "it does not exist");
      made(name, step);
      start(decision, spec.name(), spec.name(), List.of(step), "it was created");
    }
  }

  private void keep(ServiceDecision decision, ContainerView container) {
    String service = decision.service().name();
    String name = decision.finalName(container);
    List<Integer> before = new ArrayList<>();
    if (!name.equals(container.name())) {
      before.add(
          plan.add(
              new Operation.RenameContainer(container.name(), name),
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
    if (removals.isStoppedFollower(container)) {
      before.addAll(removals.stopsOf(service));
      start(decision, name, container.id(), before, "a dependency was recreated");
    } else if (options.noStart() || Removals.lives(container)) {
      names.computeIfAbsent(service, key -> new ArrayList<>()).add(name);
      if (change == null) {
        plan.add(new Operation.KeepContainer(name), before, "nothing changed");
      }
    } else {
      start(decision, name, container.id(), before, "it does not run");
    }
  }

  private void recreate(
      ServiceDecision decision, ContainerView old, String reason, Set<Integer> ready) {
    String service = decision.service().name();
    ContainerSpec fresh = spec(decision, Math.max(1, Observed.number(old)));
    ContainerSpec spec =
        options.renewAnonVolumes()
            ? fresh
            : AnonymousVolumes.inherit(fresh, old.anonymousVolumes());
    Integer gone = removals.beforeNetworks(old);
    List<Integer> last;
    if (gone != null) {
      Set<Integer> after = new LinkedHashSet<>(ready);
      after.add(gone);
      last = List.of(create(service, spec, spec.name(), after, reason));
    } else {
      ContainerSpec next =
          Replica.successor(spec, old, service + "-" + Math.max(1, Observed.number(old)));
      int created = create(service, next, spec.name(), ready, reason);
      Set<Integer> before = new LinkedHashSet<>(removals.stopsOfDependents(service));
      before.add(created);
      int removed = removals.retire(old, before, reason, true, true);
      last =
          List.of(
              plan.add(
                  new Operation.RenameContainer(next.name(), spec.name()),
                  List.of(removed),
                  reason));
      made(service, last.getFirst());
    }
    start(decision, spec.name(), spec.name(), last, "it was recreated");
  }

  private int create(
      String service, ContainerSpec spec, String shown, Set<Integer> after, String reason) {
    int step = plan.add(new Operation.CreateContainer(spec, shown, reason), after, reason);
    made(service, step);
    return step;
  }

  private void start(
      ServiceDecision decision, String name, String ref, List<Integer> before, String cause) {
    String service = decision.service().name();
    names.computeIfAbsent(service, key -> new ArrayList<>()).add(name);
    if (options.noStart()) {
      return;
    }
    Set<Integer> after = new LinkedHashSet<>(before);
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
    String key = dependency + " " + how.condition() + " " + how.required();
    return List.of(
        awaits.computeIfAbsent(
            key,
            missing ->
                plan.add(
                    new Operation.AwaitCondition(dependency, refs, how.condition(), how.required()),
                    starts,
                    "others depend on " + dependency)));
  }

  private boolean isHealthy(String service) {
    ServiceDecision decision = decisions.get(service);
    return decision != null
        && decision.keep().stream().allMatch(view -> view.health() == HealthStatus.HEALTHY);
  }

  private void awaitRunning(String service) {
    List<String> refs = names.getOrDefault(service, List.of());
    if (!refs.isEmpty()) {
      plan.add(
          new Operation.AwaitRunning(service, refs),
          started.getOrDefault(service, List.of()),
          "--wait");
    }
  }

  private void made(String service, int step) {
    made.computeIfAbsent(service, key -> new ArrayList<>()).add(step);
  }

  private ContainerSpec spec(ServiceDecision decision, int number) {
    Desired.Service service = decision.service();
    String image = observed.imageIds().getOrDefault(service.template().image(), "");
    return Replica.spec(desired.project(), service, number, image);
  }
}
