package io.jcompose.scheduler;

import io.jcompose.compose.model.Project;
import io.jcompose.core.Containers;
import io.jcompose.core.Images;
import io.jcompose.core.Progress;
import io.jcompose.scheduler.desired.Desired;
import io.jcompose.scheduler.desired.Translation;
import io.jcompose.scheduler.execute.ImagePulls;
import io.jcompose.scheduler.queue.Command;
import java.util.List;

/** Tells which images a command would pull, so that its caller can have the logins ready. */
public record PullNeeds(Images images, Containers containers) {

  /**
   * The names of the images that would be pulled now, each once.
   *
   * @param services empty is every active service
   * @param noDeps leave out what these depend on
   * @param policy as in {@link UpOptions}
   */
  public List<String> of(Project project, List<String> services, boolean noDeps, String policy) {
    Desired desired = Translation.of(project, containers::completed).desired();
    List<Desired.Service> wanted =
        desired.services(desired.selected(services, noDeps)).stream()
            .filter(service -> !service.template().image().isEmpty())
            .toList();
    try (Command command = Command.free()) {
      return new ImagePulls(images, Progress.NONE, command).missing(wanted, policy);
    }
  }
}
