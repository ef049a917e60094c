package io.jcompose.scheduler;

import io.jcompose.compose.model.Project;
import io.jcompose.core.ContainerView;
import io.jcompose.scheduler.desired.Desired;
import io.jcompose.scheduler.desired.Translation;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What {@code down} may be told.
 *
 * @param services empty is the whole project; named ones are stopped and removed, with the
 *     project's networks left alone
 * @param volumes remove named volumes that the file declares, and anonymous ones
 * @param images references to remove too, those that there are
 * @param removeOrphans the project's other containers too
 * @param timeout null takes each container's own
 * @param containers ids; where there are any, only they are meant
 * @param file what the command's files have; null when it has none, and means all that there is
 */
public record DownOptions(
    List<String> services,
    boolean volumes,
    List<String> images,
    boolean removeOrphans,
    @Nullable Duration timeout,
    List<String> containers,
    @Nullable FileScope file) {
  public static final DownOptions DEFAULT =
      new DownOptions(List.of(), false, List.of(), false, null);

  public DownOptions {
    services = List.copyOf(services);
    images = List.copyOf(images);
    // Null in what an engine has written that knew of none.
    containers = containers == null ? List.of() : List.copyOf(containers);
  }

  /** Of a project by its name alone. */
  public DownOptions(
      List<String> services,
      boolean volumes,
      List<String> images,
      boolean removeOrphans,
      @Nullable Duration timeout) {
    this(services, volumes, images, removeOrphans, timeout, List.of(), null);
  }

  /** Of files. */
  public DownOptions(
      List<String> services,
      boolean volumes,
      List<String> images,
      boolean removeOrphans,
      @Nullable Duration timeout,
      @Nullable FileScope file) {
    this(services, volumes, images, removeOrphans, timeout, List.of(), file);
  }

  static DownOptions of(Target target, boolean volumes, @Nullable Duration timeout) {
    return new DownOptions(
        target.services(), volumes, List.of(), false, timeout, target.containers(), target.file());
  }

  /** With what the files had at the last {@code up}. */
  public DownOptions with(@Nullable Desired last) {
    return file == null
        ? this
        : new DownOptions(
            services, volumes, images, removeOrphans, timeout, containers, file.with(last));
  }

  /** True for a container of what is meant. */
  public boolean means(ContainerView container) {
    if (!containers.isEmpty()) {
      return containers.contains(container.id());
    }
    String service = Labels.service(container);
    if (!services.isEmpty()) {
      return services.contains(service);
    }
    return file == null || removeOrphans || file.services().contains(service);
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

  /**
   * Those of them that are built, as Docker Compose has it: by the name that no file gives, whoever
   * built it; by a name of the file's, if the project built it.
   *
   * @param isOwn whether the image of a name is one that the project built
   */
  public static List<String> builtImagesOf(
      Project project, List<String> services, Predicate<String> isOwn) {
    Translation translation = Translation.of(project);
    Desired desired = translation.desired();
    return desired.services(desired.selected(services, false)).stream()
        .filter(service -> translation.builds().isBuilt(service.name()))
        .filter(
            service ->
                !translation.builds().isNamed(service.name())
                    || isOwn.test(service.template().image()))
        .map(service -> service.template().image())
        .distinct()
        .toList();
  }
}
