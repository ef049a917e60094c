package io.jcompose.api.project;

import io.jcompose.api.host.VolumeCommands;
import io.jcompose.api.request.CommandRequest;
import io.jcompose.api.request.ProjectSource;
import io.jcompose.api.request.Selection;
import io.jcompose.core.ContainerView;
import io.jcompose.core.ContainerView.PortBinding;
import io.jcompose.core.Containers;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Volumes;
import io.jcompose.core.Volumes.VolumeView;
import io.jcompose.scheduler.Labels;
import io.jcompose.scheduler.Projects;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Small questions about a project, answered with text: {@code port}, {@code volumes}. */
public final class Lookups {
  private final Projects projects;
  private final Containers containers;
  private final Volumes volumes;
  private final ProjectSource source;

  public Lookups(Projects projects, Containers containers, Volumes volumes, ProjectSource source) {
    this.volumes = volumes;
    this.projects = projects;
    this.containers = containers;
    this.source = source;
  }

  /** Where a port of a service is published: {@code 0.0.0.0:8080}. */
  public String port(CommandRequest request) {
    String service = request.arguments().get(0);
    if (request.arguments().size() == 1) {
      return allPorts(running(request, service));
    }
    String[] asked = request.arguments().get(1).split("/", 2);
    String protocol =
        asked.length > 1
            ? asked[1]
            : request.text("protocol").isEmpty() ? "tcp" : request.text("protocol");
    int number = number(asked[0]);
    ContainerView view = running(request, service);
    return view.ports().stream()
        .filter(port -> port.containerPort() == number && port.protocol().equals(protocol))
        .filter(port -> port.hostPort() > 0)
        .findFirst()
        .map(port -> address(port) + "\n")
        .orElseThrow(
            () ->
                new JcomposeException.NotFound(
                    "no port "
                        + number
                        + "/"
                        + protocol
                        + " for container "
                        + view.name()
                        + ": "
                        + published(view)));
  }

  /** {@code 80/tcp -> 0.0.0.0:8080}, a line each, as {@code docker port}. */
  private static String allPorts(ContainerView view) {
    return view.ports().stream()
        .filter(port -> port.hostPort() > 0)
        .map(port -> port.containerPort() + "/" + port.protocol() + " -> " + address(port) + "\n")
        .collect(Collectors.joining());
  }

  public String volumes(CommandRequest request) {
    List<VolumeView> found =
        request.has("all-projects")
            ? volumes.list(Map.of())
            : projects
                .lists()
                .volumes(source.name(request, request.arguments()), request.arguments());
    return VolumeCommands.LIST.render(request, found.stream().map(VolumeCommands::row).toList());
  }

  /**
   * The names of the containers that {@code rm} would remove, a line each; of those that were named
   * themselves with {@code =} before, for {@code docker rm} asks nobody.
   *
   * @throws JcomposeException.Conflict for one that was named itself and runs, without force
   */
  public String removable(CommandRequest request) {
    Selection selection = source.select(request, request.arguments());
    boolean stops = request.has("stop");
    StringBuilder lines = new StringBuilder();
    for (ContainerView view : selection.views(containers, true)) {
      if (selection.names().contains(view.name())) {
        if (view.isRunning() && !stops && !request.has("force")) {
          throw new JcomposeException.Conflict(
              "cannot remove container \""
                  + view.name()
                  + "\": container is running: stop the container before removing or force remove");
        }
        lines.append('=').append(view.name()).append('\n');
      } else if (!Selection.isOneOff(view.labels()) && (stops || !view.isRunning())) {
        lines.append(view.name()).append('\n');
      }
    }
    return lines.toString();
  }

  private ContainerView running(CommandRequest request, String service) {
    String index = request.text("index");
    return source.select(request, List.of(service)).views(containers, false).stream()
        .filter(view -> index.isEmpty() || index.equals(view.labels().get(Labels.CONTAINER_NUMBER)))
        .min(Comparator.comparingInt(Lookups::number))
        .orElseThrow(
            () ->
                new JcomposeException.NotFound(
                    "service \""
                        + service
                        + "\" is not running"
                        + (index.isEmpty() ? "" : " container #" + index)));
  }

  private static int number(ContainerView view) {
    String number = view.labels().getOrDefault(Labels.CONTAINER_NUMBER, "");
    return number.matches("\\d{1,9}") ? Integer.parseInt(number) : Integer.MAX_VALUE;
  }

  private static int number(String port) {
    if (port.matches("\\d{1,5}")) {
      return Integer.parseInt(port);
    }
    throw new JcomposeException.InvalidArgument("invalid port \"" + port + "\": not a number");
  }

  private static String address(PortBinding port) {
    String ip = port.hostIp().isEmpty() ? "0.0.0.0" : port.hostIp();
    return (ip.contains(":") ? "[" + ip + "]" : ip) + ":" + port.hostPort();
  }

  private static String published(ContainerView view) {
    String all =
        view.ports().stream()
            .map(port -> port.containerPort() + "/" + port.protocol())
            .distinct()
            .collect(Collectors.joining(", "));
    return all.isEmpty() ? "it publishes none" : "it publishes " + all;
  }
}
