package io.jcompose.scheduler.desired;

import io.jcompose.scheduler.BuildMode;
import java.util.Collection;
import java.util.List;

/**
 * What a command needs of images: those of some services, and whether it may pull and build them.
 *
 * @param why report of each step of a build that is carried out why
 * @param pull always, missing, never, build, or empty for each service's own policy
 */
public record ImageNeeds(
    Collection<Desired.Service> services,
    ServiceBuilds builds,
    String pull,
    BuildMode mode,
    boolean why) {
  public ImageNeeds {
    services = List.copyOf(services);
  }

  /** Of what reports no reasons. */
  public ImageNeeds(
      Collection<Desired.Service> services, ServiceBuilds builds, String pull, BuildMode mode) {
    this(services, builds, pull, mode, false);
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
