package io.jcompose.scheduler;

import io.jcompose.compose.model.Project;
import io.jcompose.core.ContainerView;
import io.jcompose.scheduler.desired.Desired;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The services, or single containers, of a project that a command is about. Immutable.
 *
 * @param services those that were named; none named is all of the files
 * @param containers ids of those that were named themselves; where there are any, only they are
 *     meant
 * @param file what the command's files have; null when it has none, and means all that there is
 */
public record Target(
    String project, List<String> services, List<String> containers, @Nullable FileScope file) {
  public Target {
    services = List.copyOf(services);
    containers = List.copyOf(containers);
  }

  /** By the project's name alone. */
  public static Target of(String project, List<String> services) {
    return new Target(project, services, List.of(), null);
  }

  /** By files. */
  public static Target of(Project file, List<String> services) {
    return new Target(file.name(), services, List.of(), FileScope.of(file));
  }

  /** Single containers. */
  public static Target ofContainers(String project, List<String> ids) {
    return new Target(project, List.of(), ids, null);
  }

  /** With what these files had at the last {@code up}. */
  public Target with(@Nullable Desired last) {
    return file == null ? this : new Target(project, services, containers, file.with(last));
  }

  public boolean means(ContainerView view) {
    if (!containers.isEmpty()) {
      return containers.contains(view.id());
    }
    String service = Labels.service(view);
    if (!services.isEmpty()) {
      return services.contains(service);
    }
    return file == null || file.services().contains(service);
  }

  /** Whether the words are looked up among what there is: its files do not tell. */
  public boolean isByName() {
    return file == null && containers.isEmpty();
  }
}
