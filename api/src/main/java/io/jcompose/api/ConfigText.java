package io.jcompose.api;

import io.jcompose.compose.LoadRequest;
import io.jcompose.compose.Project;
import io.jcompose.compose.ProjectLoader;
import java.util.Collection;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What {@code config} prints; used by the engine and, without one, by the command line. */
public final class ConfigText {
  private ConfigText() {}

  /** Loads the request's project and renders what the options ask for. */
  public static String render(CommandRequest request) {
    LoadRequest.Options options =
        new LoadRequest.Options(
            !request.has("no-interpolate"),
            !request.has("no-normalize"),
            !request.has("no-path-resolution"),
            !request.has("no-env-resolution"),
            !request.has("no-consistency"),
            false);
    Project project = new ProjectLoader().load(request.load(request.arguments(), options));
    return render(request, project);
  }

  private static String render(CommandRequest request, Project project) {
    if (request.has("quiet")) {
      return "";
    }
    if (request.has("services")) {
      return lines(project.services().keySet());
    }
    if (request.has("volumes")) {
      return lines(project.volumes().keySet());
    }
    if (request.has("networks")) {
      return lines(project.networks().keySet());
    }
    if (request.has("profiles")) {
      return lines(project.profiles());
    }
    if (request.has("images")) {
      return lines(project.services().values().stream().map(s -> s.source().image()).toList());
    }
    if (request.has("environment")) {
      return lines(
          new TreeMap<>(project.environment())
              .entrySet().stream().map(e -> e.getKey() + "=" + e.getValue()).toList());
    }
    return request.text("hash").isEmpty() ? model(project) : hashes(request, project);
  }

  private static String hashes(CommandRequest request, Project project) {
    String wanted = request.text("hash");
    List<String> services =
        wanted.equals("*")
            ? project.services().keySet().stream().sorted().toList()
            : List.of(wanted.split(","));
    return lines(services.stream().map(name -> name + " " + project.configHash(name)).toList());
  }

  private static String model(Project project) {
    throw new io.jcompose.core.JcomposeException.NotSupported(
        "printing the whole model of " + project.name());
  }

  private static String lines(Collection<String> lines) {
    return lines.stream().map(line -> line + "\n").collect(Collectors.joining());
  }
}
