package io.jcompose.api;

import io.jcompose.compose.ConfigWriter;
import io.jcompose.compose.LoadRequest;
import io.jcompose.compose.Project;
import io.jcompose.compose.ProjectLoader;
import io.jcompose.core.JcomposeException;
import java.util.List;

/** What {@code config} prints; used by the engine and, without one, by the command line. */
public final class ConfigText {
  private ConfigText() {}

  /** Loads the request's project and renders what the options ask for. */
  public static String render(CommandRequest request, ProjectLoader loader) {
    LoadRequest.Options options =
        new LoadRequest.Options(
            !request.has("no-interpolate"),
            !request.has("no-normalize"),
            !request.has("no-path-resolution"),
            !request.has("no-env-resolution"),
            !request.has("no-consistency"),
            false);
    Project project = loader.load(request.load(request.arguments(), options));
    return render(request, project);
  }

  private static String render(CommandRequest request, Project project) {
    ConfigWriter writer = new ConfigWriter();
    if (request.has("quiet")) {
      return "";
    }
    for (String section : List.of("services", "volumes", "networks")) {
      if (request.has(section)) {
        return writer.names(project, section);
      }
    }
    if (request.has("profiles")) {
      return writer.profiles(project);
    }
    if (request.has("images")) {
      return writer.images(project);
    }
    if (request.has("environment")) {
      return writer.environment(project);
    }
    if (!request.text("hash").isEmpty()) {
      return writer.hashes(project, request.text("hash"));
    }
    return model(request, project, writer);
  }

  private static String model(CommandRequest request, Project project, ConfigWriter writer) {
    boolean escape = !request.has("no-interpolate");
    String format = request.text("format");
    return switch (format) {
      case "", "yaml" -> writer.yaml(project, request.arguments(), escape);
      case "json" -> writer.json(project, request.arguments(), escape);
      default ->
          throw new JcomposeException.InvalidArgument("unsupported format: \"" + format + "\"");
    };
  }
}
