package io.jcompose.scheduler;

import io.jcompose.compose.Project;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What {@code down} may be told.
 *
 * @param services empty is the whole project; named ones are stopped and removed, with the
 *     project's networks left alone
 * @param volumes remove named volumes that the file declares, and anonymous ones
 * @param images references to remove too, those that there are
 * @param timeout null takes each container's own
 */
public record DownOptions(
    List<String> services,
    boolean volumes,
    List<String> images,
    boolean removeOrphans,
    @Nullable Duration timeout) {
  public static final DownOptions DEFAULT =
      new DownOptions(List.of(), false, List.of(), false, null);

  public DownOptions {
    services = List.copyOf(services);
    images = List.copyOf(images);
  }

  /** The images that the file names for the services and their dependencies; none named is all. */
  public static List<String> imagesOf(Project project, List<String> services) {
    Desired desired = Translation.of(project).desired();
    return desired.services(desired.selected(services, false)).stream()
        .map(service -> service.template().image())
        .filter(image -> !image.isEmpty())
        .distinct()
        .toList();
  }
}
