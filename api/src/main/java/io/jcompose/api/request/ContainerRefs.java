package io.jcompose.api.request;

import io.jcompose.core.ContainerView;
import io.jcompose.core.Containers;
import io.jcompose.core.JcomposeException;
import io.jcompose.scheduler.Labels;
import java.util.Comparator;
import java.util.List;

/** Finds the containers that a word on the command line means. */
public final class ContainerRefs {
  private final Containers containers;
  private final ProjectSource source;

  public ContainerRefs(Containers containers, ProjectSource source) {
    this.containers = containers;
    this.source = source;
  }

  /**
   * The container of a service that {@code --index} names, or its first.
   *
   * @throws JcomposeException.NotFound when it has none
   */
  public ContainerView ofService(CommandRequest request, String service) {
    return all(request, service).getFirst();
  }

  /** All containers of a service, or the one that {@code --index} names; at least one. */
  public List<ContainerView> all(CommandRequest request, String service) {
    Selection selection = source.select(request, List.of(service));
    List<ContainerView> found =
        selection.views(containers, true).stream()
            .filter(
                view ->
                    request.has("all")
                        || selection.target() == null
                        || !Selection.isOneOff(view.labels()))
            .filter(view -> isIndex(request, view))
            .sorted(Comparator.comparingInt(ContainerRefs::number))
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
  public ContainerView running(CommandRequest request, String service) {
    Selection selection = source.select(request, List.of(service));
    String what = selection.target() == null ? "container " : "service ";
    return selection.views(containers, false).stream()
        .filter(view -> isIndex(request, view))
        .findFirst()
        .orElseThrow(
            () -> new JcomposeException.Conflict(what + "\"" + service + "\" is not running"));
  }

  /**
   * A service's container, or else the one with that name or id. An id may be cut, but not to so
   * little that a service's name without a container would mean any other.
   */
  public ContainerView any(CommandRequest request, String word) {
    if (ProjectSource.isOfContainers(request)) {
      return ofService(request, word);
    }
    try {
      return ofService(request, word);
    } catch (JcomposeException.NotFound | JcomposeException.InvalidArgument e) {
      return source
          .container(word)
          .orElseThrow(
              () -> new JcomposeException.NotFound("No such service or container: " + word));
    }
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
