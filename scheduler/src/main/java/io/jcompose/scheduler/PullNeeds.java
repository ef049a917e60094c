package io.jcompose.scheduler;

import io.jcompose.compose.model.Project;
import io.jcompose.core.Containers;
import io.jcompose.core.Images;
import io.jcompose.core.Progress;
import io.jcompose.core.build.BuildSpec;
import io.jcompose.scheduler.desired.Desired;
import io.jcompose.scheduler.desired.ImageNeeds;
import io.jcompose.scheduler.desired.Translation;
import io.jcompose.scheduler.desired.WantedImage;
import io.jcompose.scheduler.execute.ImagePulls;
import io.jcompose.scheduler.queue.Command;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Tells what a command would pull and build, so that its caller can have the logins ready. */
public record PullNeeds(Images images, Containers containers) {

  /**
   * The names of the images that would be pulled now, each once.
   *
   * @param services empty is every active service
   * @param noDeps leave out what these depend on
   * @param policy as in {@link UpOptions}
   * @param mode which images are built instead
   */
  public List<String> of(
      Project project, List<String> services, boolean noDeps, String policy, BuildMode mode) {
    Translation translation = Translation.of(project, containers::completed);
    Desired desired = translation.desired();
    List<Desired.Service> wanted =
        desired.services(desired.selected(services, noDeps)).stream()
            .filter(service -> !service.template().image().isEmpty())
            .toList();
    ImageNeeds needs = new ImageNeeds(wanted, translation.builds(), policy, mode);
    try (Command command = Command.free()) {
      return new ImagePulls(images, Progress.NONE, command).missing(needs);
    }
  }

  /**
   * The builds that would be carried out where no image that is built can be pulled.
   *
   * @throws io.jcompose.core.JcomposeException.InvalidArgument as {@link Projects#builds}
   */
  public List<BuildSpec> builds(
      Project project, List<String> services, boolean noDeps, String policy, BuildMode mode) {
    Translation translation = Translation.of(project, containers::completed);
    Desired desired = translation.desired();
    List<Desired.Service> wanted = desired.services(desired.selected(services, noDeps));
    ImageNeeds needs = new ImageNeeds(wanted, translation.builds(), policy, mode);
    Set<String> missing = new HashSet<>();
    for (WantedImage image : WantedImage.of(needs)) {
      boolean there = images.find(image.reference(), image.platform()).isPresent();
      if (image.buildable() && (image.rebuilt() || !there) && mode != BuildMode.NEVER) {
        missing.addAll(image.references());
      }
    }
    return translation.builds().specs(needs.building(missing), BuildOptions.DEFAULT);
  }
}
