package io.jcompose.scheduler.desired;

import io.jcompose.scheduler.BuildMode;
import java.util.Collection;
import java.util.List;

/**
 * What a command needs of images: those of some services, and whether it may pull and build them.
 *
 * @param pull always, missing, never, build, or empty for each service's own policy
 */
public record ImageNeeds(
    Collection<Desired.Service> services, ServiceBuilds builds, String pull, BuildMode mode) {
  public ImageNeeds {
    services = List.copyOf(services);
  }

  /** The services whose images of these names are built. */
  public List<String> building(Collection<String> references) {
    return services.stream()
        .filter(service -> references.contains(service.template().image()))
        .map(Desired.Service::name)
        .filter(builds::isBuilt)
        .toList();
  }
}
