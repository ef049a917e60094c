package io.jcompose.scheduler.command;

import io.jcompose.core.Images;
import io.jcompose.core.Progress;
import io.jcompose.scheduler.BuildMode;
import io.jcompose.scheduler.desired.Desired;
import io.jcompose.scheduler.desired.ImageNeeds;
import io.jcompose.scheduler.desired.ServiceBuilds;
import io.jcompose.scheduler.desired.WantedImage;
import io.jcompose.scheduler.execute.ImagePulls;
import io.jcompose.scheduler.queue.Command;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/** {@code pull}: fetches images; needs no turn, and ends with its caller. */
public record PullCommand(Images images) {

  /**
   * Pulls the images of services; those without a name of their own are passed over.
   *
   * @param policy missing, always, or empty for always
   * @param tolerant a failure is reported and otherwise ignored
   */
  public void services(
      Collection<Desired.Service> services,
      ServiceBuilds builds,
      String policy,
      boolean tolerant,
      Progress progress) {
    List<Desired.Service> chosen =
        services.stream()
            .filter(service -> !service.template().image().isEmpty())
            .filter(service -> builds.isNamed(service.name()) || skipped(service, progress))
            .toList();
    String word = policy.isEmpty() ? "always" : policy;
    List<WantedImage> wanted =
        new ImageNeeds(chosen, ServiceBuilds.NONE, word, BuildMode.NEVER).wanted();
    try (Command command = Command.withoutTurn("pull", progress)) {
      Map<String, String> ignored =
          new ImagePulls(images, progress, command).resolve(wanted, tolerant);
    }
  }

  private static boolean skipped(Desired.Service service, Progress progress) {
    String row = "Image " + service.template().image();
    progress.report(Progress.Step.of(row, "Skipped", "it is built, and in no registry"));
    return false;
  }

  /**
   * Pulls one image, of no project.
   *
   * @param platform empty for the host's
   */
  public void image(String reference, String platform, Progress progress) {
    try (Command command = Command.withoutTurn("pull", progress)) {
      new ImagePulls(images, progress, command).pull(reference, platform);
    }
  }
}
