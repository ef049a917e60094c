package io.jcompose.scheduler.plan;

import io.jcompose.compose.model.Project;
import io.jcompose.core.ContainerSpec;
import io.jcompose.core.ContainerView;
import io.jcompose.core.JcomposeException;
import io.jcompose.scheduler.Labels;
import io.jcompose.scheduler.UpOptions;
import io.jcompose.scheduler.desired.Desired;
import io.jcompose.scheduler.desired.NamespaceRefs;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Decides for each service which containers stay, which take a successor and which go: the first
 * half of {@link Reconciler}. Pure; confined to one thread.
 */
final class Decisions {
  private final Desired desired;
  private final UpOptions options;
  private final Set<String> former;
  private final Observed observed;
  private final Map<String, List<ContainerView>> replicas;
  private final Divergence divergence;
  private final Set<String> refused;
  private final Map<String, ServiceDecision> made = new LinkedHashMap<>();

  /**
   * @param former ids of the containers that {@code --force-recreate} means
   * @param refused ids of containers that were found not to be changeable while they run
   */
  Decisions(
      Desired desired,
      Observed observed,
      UpOptions options,
      Set<String> former,
      Divergence divergence,
      Set<String> refused) {
    this.desired = desired;
    this.options = options;
    this.former = Set.copyOf(former);
    this.observed = observed;
    this.replicas = observed.replicas();
    this.divergence = divergence;
    this.refused = Set.copyOf(refused);
  }

  /** Decisions in dependency order for the services. */
  Map<String, ServiceDecision> decide(Collection<String> services, Set<String> named) {
    requireBounded(services);
    for (String name : desired.graph().order()) {
      Desired.Service service = desired.services().get(name);
      if (service != null && services.contains(name)) {
        made.put(name, decide(service, named.contains(name)));
      }
    }
    return made;
  }

  /** Before anything is as large as what is asked for. */
  private void requireBounded(Collection<String> services) {
    long all =
        desired.services().values().stream()
            .filter(service -> services.contains(service.name()))
            .mapToLong(this::scale)
            .sum();
    if (all > Project.MOST_CONTAINERS) {
      throw new JcomposeException.InvalidArgument(Project.tooManyContainers(all));
    }
  }

  private int scale(Desired.Service service) {
    return options.scale().getOrDefault(service.name(), service.scale());
  }

  private ServiceDecision decide(Desired.Service service, boolean named) {
    List<ContainerView> leftovers = new ArrayList<>();
    Map<String, String> adopted = new LinkedHashMap<>();
    List<ContainerView> present = settle(service, leftovers, adopted);
    int scale = scale(service);
    requireScalable(service, scale);
    Map<ContainerView, String> reasons = new LinkedHashMap<>();
    Map<ContainerView, ContainerSpec> updates = new LinkedHashMap<>();
    present.forEach(container -> compare(service, container, named, reasons, updates));
    List<ContainerView> surplus = surplus(present, reasons.keySet(), present.size() - scale);
    if (options.noRecreate()) {
      reasons.clear();
      updates.clear();
    }
    List<ContainerView> keep = new ArrayList<>(present);
    keep.removeAll(surplus);
    reasons.keySet().removeAll(surplus);
    keep.removeAll(reasons.keySet());
    updates.keySet().retainAll(keep);
    List<Integer> missing = missing(present, scale);
    return new ServiceDecision(
        service, keep, updates, reasons, surplus, leftovers, adopted, missing);
  }

  /**
   * Notes why the container is made anew, or with what it is updated; nothing if it is as desired.
   */
  private void compare(
      Desired.Service service,
      ContainerView container,
      boolean named,
      Map<ContainerView, String> reasons,
      Map<ContainerView, ContainerSpec> updates) {
    Optional<String> reason = reason(service, container, named);
    Optional<ContainerSpec> update =
        reason.isPresent() ? update(service, container, named) : Optional.empty();
    update.ifPresent(spec -> updates.put(container, spec));
    if (update.isEmpty()) {
      reason.ifPresent(why -> reasons.put(container, why));
    }
  }

  private static void requireScalable(Desired.Service service, int scale) {
    if (scale > 1 && !service.containerName().isEmpty()) {
      throw new JcomposeException.InvalidArgument(
          "can't scale service \""
              + service.name()
              + "\": it has a container_name, and names are unique; remove it to run "
              + scale
              + " containers");
    }
  }

  /**
   * The lowest free numbers. Docker Compose takes those above the highest; filling gaps lets a
   * crashed {@code up} end with the names it began with.
   */
  private static List<Integer> missing(List<ContainerView> present, int scale) {
    Set<Integer> taken =
        present.stream().map(Labels::number).collect(Collectors.toUnmodifiableSet());
    return IntStream.iterate(1, number -> number + 1)
        .filter(number -> !taken.contains(number))
        .limit(Math.max(0, scale - present.size()))
        .boxed()
        .toList();
  }

  /** Sorts out what an interrupted recreation left: a successor beside or without its old one. */
  private List<ContainerView> settle(
      Desired.Service service, List<ContainerView> leftovers, Map<String, String> adopted) {
    List<ContainerView> found = replicas.getOrDefault(service.name(), List.of());
    List<ContainerView> present = new ArrayList<>();
    for (ContainerView container : found) {
      String name = Replica.name(desired.project(), service, Labels.number(container));
      boolean named = container.name().equals(name) || !Replica.isSuccessor(container);
      if (!named && observed.isLeftover(container)) {
        leftovers.add(container);
        continue;
      }
      present.add(container);
      if (!named && !adopted.containsValue(name) && !isTaken(name)) {
        adopted.put(container.id(), name);
      }
    }
    return present;
  }

  private boolean isTaken(String name) {
    return observed.containers().stream().anyMatch(other -> other.name().equals(name));
  }

  private Optional<String> reason(Desired.Service service, ContainerView container, boolean named) {
    boolean forced = named ? options.forceRecreate() : options.alwaysRecreateDeps();
    if (forced && former.contains(container.id())) {
      return Optional.of(named ? "--force-recreate" : "--always-recreate-deps");
    }
    Optional<String> diverged = divergence.of(service, container);
    return diverged.isPresent() ? diverged : sharedNamespace(service, container);
  }

  /** What only limits and the restart policy of a container keep it from being. */
  private Optional<ContainerSpec> update(
      Desired.Service service, ContainerView container, boolean named) {
    boolean forced = named ? options.forceRecreate() : options.alwaysRecreateDeps();
    return forced || refused.contains(container.id())
        ? Optional.empty()
        : divergence.update(service, container);
  }

  /** A container in another's namespace holds on to that very container. */
  private Optional<String> sharedNamespace(Desired.Service service, ContainerView container) {
    for (String owner : NamespaceRefs.services(service.template())) {
      ServiceDecision decision = made.get(owner);
      if (decision != null && decision.recreates()) {
        return Optional.of("it shares a namespace with " + owner + ", which is recreated");
      }
      List<ContainerView> owners = replicas.getOrDefault(owner, List.of());
      boolean held =
          owners.stream().anyMatch(view -> NamespaceRefs.holds(container.spec(), view.id()));
      if (!owners.isEmpty() && !held) {
        return Optional.of("it shares a namespace with a former container of " + owner);
      }
    }
    return Optional.empty();
  }

  /** The obsolete first, then the highest numbers. */
  private static List<ContainerView> surplus(
      List<ContainerView> present, Set<ContainerView> obsolete, int count) {
    return present.stream()
        .sorted(
            Comparator.comparing((ContainerView view) -> !obsolete.contains(view))
                .thenComparing(Labels::number, Comparator.reverseOrder()))
        .limit(Math.max(0, count))
        .toList();
  }
}
