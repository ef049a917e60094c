package io.jcompose.api.request;

import io.jcompose.core.ContainerView;
import io.jcompose.core.Containers;
import io.jcompose.scheduler.Labels;
import io.jcompose.scheduler.Target;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The containers that a command's words mean: those of a project's services, and single ones of any
 * project. Immutable; what it means may be looked up again and again.
 *
 * @param target of a project; null when only single containers are meant
 * @param names of the single ones; with {@code everywhere} of services too
 * @param everywhere containers of all projects and of none, or those of the names
 */
public record Selection(@Nullable Target target, List<String> names, boolean everywhere) {
  public Selection {
    names = List.copyOf(names);
  }

  /** Of one project, or single containers. */
  public Selection(@Nullable Target target, List<String> names) {
    this(target, names, false);
  }

  /** The project's name; empty when only single containers are meant. */
  public String project() {
    return target == null ? "" : target.project();
  }

  /**
   * What there is of them now, sorted by name.
   *
   * @param all those that do not run and one-offs too
   */
  public List<ContainerView> views(Containers containers, boolean all) {
    return views(containers, all, ContainerView::isRunning);
  }

  /** Those that run, what {@code run} started among them; sorted by name. */
  public List<ContainerView> running(Containers containers) {
    return views(containers, true).stream().filter(ContainerView::isRunning).toList();
  }

  /** Those of services, running or not: what {@code run} started is left out; sorted by name. */
  public List<ContainerView> ofServices(Containers containers) {
    return views(containers, true).stream()
        .filter(view -> !leavesOut(view.name(), view.labels()))
        .toList();
  }

  /** Whether a container is one of those that {@code run} starts, and was not named itself. */
  public boolean leavesOut(String name, Map<String, String> labels) {
    return target != null && isOneOff(labels) && !names.contains(name);
  }

  /** The same as a list shows it without {@code --all}: what waits for its restart is told, too. */
  public List<ContainerView> active(Containers containers) {
    return views(containers, false, ContainerView::isActive);
  }

  private List<ContainerView> views(
      Containers containers, boolean all, Predicate<ContainerView> runs) {
    if (everywhere) {
      return containers.list(Map.of()).stream()
          .filter(view -> all || runs.test(view))
          .filter(view -> means(view.name(), view.labels()))
          .toList();
    }
    List<ContainerView> found = new ArrayList<>();
    if (target != null) {
      containers.list(Map.of(Labels.PROJECT, target.project())).stream()
          .filter(view -> all || (runs.test(view) && !isOneOff(view.labels())))
          .filter(view -> isOfServices(view.labels()))
          .forEach(found::add);
    }
    for (String name : names) {
      containers.find(name).filter(view -> all || runs.test(view)).ifPresent(found::add);
    }
    return found.stream().distinct().sorted(Comparator.comparing(ContainerView::name)).toList();
  }

  /** Whether a container is meant; one-offs are. */
  public boolean means(String name, Map<String, String> labels) {
    return names.contains(name)
        || isOfServices(labels)
        || (everywhere
            && (names.isEmpty() || names.contains(labels.getOrDefault(Labels.SERVICE, ""))));
  }

  private boolean isOfServices(Map<String, String> labels) {
    return target != null
        && target.project().equals(labels.get(Labels.PROJECT))
        && (target.services().isEmpty()
            || target.services().contains(labels.getOrDefault(Labels.SERVICE, "")));
  }

  public static boolean isOneOff(Map<String, String> labels) {
    return "True".equals(labels.get(Labels.ONEOFF));
  }

  /** Whether one container was named itself: then the answer is that of {@code docker logs}. */
  public boolean isSingle(CommandRequest request) {
    return target == null && !everywhere && request.arguments().size() == 1;
  }
}
