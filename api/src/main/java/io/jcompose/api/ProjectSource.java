package io.jcompose.api;

import io.jcompose.compose.LoadRequest;
import io.jcompose.compose.Project;
import io.jcompose.compose.ProjectLoader;
import io.jcompose.core.JcomposeException;
import io.jcompose.scheduler.Target;
import java.util.List;
import java.util.Optional;

/** Finds the project that a request is about: by its compose files, or by name alone. */
final class ProjectSource {
  private final ProjectLoader loader;

  ProjectSource(ProjectLoader loader) {
    this.loader = loader;
  }

  /** The project as its files say, with these services' profiles active. */
  Project load(CommandRequest request, List<String> services) {
    return loader.load(request.load(services, LoadRequest.Options.DEFAULT), request::keeps);
  }

  /** The project's files, or empty when there are none but a name was given. */
  Optional<Project> find(CommandRequest request, List<String> services) {
    try {
      return Optional.of(load(request, services));
    } catch (JcomposeException.NotFound e) {
      if (request.projectName().isEmpty() || request.namesFiles()) {
        throw e;
      }
      return Optional.empty();
    }
  }

  /** The project's name; services that it does not have are refused. */
  String name(CommandRequest request, List<String> services) {
    return target(request, services).project();
  }

  /** What the request's words mean; services that its files do not have are refused. */
  Target target(CommandRequest request) {
    return target(request, request.arguments());
  }

  private Target target(CommandRequest request, List<String> services) {
    Optional<Project> project = find(request, services);
    project.ifPresent(
        found ->
            services.forEach(
                service -> {
                  if (!found.disabledServices().containsKey(service)) {
                    found.service(service);
                  }
                }));
    return project
        .map(file -> Target.of(file, services))
        .orElseGet(() -> Target.of(request.projectName(), services));
  }

  /** True for a service of the project's files, also a disabled one, and where there are none. */
  boolean knows(CommandRequest request, String service) {
    return find(request, List.of())
        .map(p -> p.services().containsKey(service) || p.disabledServices().containsKey(service))
        .orElse(true);
  }
}
