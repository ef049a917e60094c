package io.jcompose.api;

import io.jcompose.core.ContainerView;
import io.jcompose.core.Containers;
import io.jcompose.core.JcomposeException;
import io.jcompose.scheduler.Labels;
import io.jcompose.scheduler.Projects;
import java.util.List;

/** Finds the containers that a word on the command line means. */
final class ContainerRefs {
  private static final int SHORT_ID = 12; // what ps shows

  private final Projects projects;
  private final Containers containers;
  private final ProjectSource source;

  ContainerRefs(Projects projects, Containers containers, ProjectSource source) {
    this.projects = projects;
    this.containers = containers;
    this.source = source;
  }

  /**
   * The container of a service that {@code --index} names, or its first.
   *
   * @throws JcomposeException.NotFound when it has none
   */
  ContainerView ofService(CommandRequest request, String service) {
    return all(request, service).getFirst();
  }

  /** All containers of a service, or the one that {@code --index} names; at least one. */
  List<ContainerView> all(CommandRequest request, String service) {
    String project = source.name(request, List.of(service));
    List<ContainerView> found =
        projects.lists().containers(project, List.of(service), true).stream()
            .filter(view -> request.has("all") || !isOneOff(view))
            .filter(view -> isIndex(request, view))
            .sorted(java.util.Comparator.comparingInt(ContainerRefs::number))
            .toList();
    if (found.isEmpty()) {
      throw new JcomposeException.NotFound("no container found for service \"" + service + "\"");
    }
    return found;
  }

  /**
   * As {@link #ofService}, but running.
   *
   * @throws JcomposeException.Conflict {@code service "x" is not running}
   */
  ContainerView running(CommandRequest request, String service) {
    String project = source.name(request, List.of(service));
    return projects.lists().containers(project, List.of(service), false).stream()
        .filter(ContainerView::isRunning)
        .filter(view -> isIndex(request, view))
        .findFirst()
        .orElseThrow(
            () -> new JcomposeException.Conflict("service \"" + service + "\" is not running"));
  }

  /**
   * A service's container, or else the one with that name or id. An id may be cut, but not to so
   * little that a service's name without a container would mean any other.
   */
  ContainerView any(CommandRequest request, String word) {
    try {
      return ofService(request, word);
    } catch (JcomposeException.NotFound | JcomposeException.InvalidArgument e) {
      return containers
          .find(word)
          .filter(view -> view.name().equals(word) || word.length() >= SHORT_ID)
          .orElseThrow(
              () -> new JcomposeException.NotFound("No such service or container: " + word));
    }
  }

  private static boolean isOneOff(ContainerView view) {
    return "True".equals(view.labels().get(Labels.ONEOFF));
  }

  private static boolean isIndex(CommandRequest request, ContainerView view) {
    String index = request.text("index");
    return index.isEmpty()
        || index.equals("0")
        || index.equals(view.labels().get(Labels.CONTAINER_NUMBER));
  }

  private static int number(ContainerView view) {
    try {
      return Integer.parseInt(view.labels().getOrDefault(Labels.CONTAINER_NUMBER, "0"));
    } catch (NumberFormatException e) {
      return 0;
    }
  }
}
