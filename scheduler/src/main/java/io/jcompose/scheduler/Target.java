package io.jcompose.scheduler;

import io.jcompose.compose.Project;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The services of a project that a command is about. Immutable.
 *
 * @param services those that were named; none named is all of the files
 * @param file what the command's files have; null when it has none, and means all that there is
 */
public record Target(String project, List<String> services, @Nullable FileScope file) {
  public Target {
    services = List.copyOf(services);
  }

  /** By the project's name alone. */
  public static Target of(String project, List<String> services) {
    return new Target(project, services, null);
  }

  /** By files. */
  public static Target of(Project file, List<String> services) {
    return new Target(file.name(), services, FileScope.of(file));
  }

  /** With what these files had at the last {@code up}. */
  Target with(@Nullable Desired last) {
    return file == null ? this : new Target(project, services, file.with(last));
  }

  boolean means(String service) {
    if (!services.isEmpty()) {
      return services.contains(service);
    }
    return file == null || file.services().contains(service);
  }
}
