package io.jcompose.scheduler.command;

import io.jcompose.core.Images;
import io.jcompose.core.Progress;
import io.jcompose.scheduler.BuildMode;
import io.jcompose.scheduler.PullOptions;
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
   * @param services that the options select
   */
  public void services(
      Collection<Desired.Service> services,
      ServiceBuilds builds,
      PullOptions options,
      Progress progress) {
    List<Desired.Service> chosen =
        services.stream()
            .filter(service -> !service.template().image().isEmpty())
            .filter(
                service -> isPulled(service.name(), builds, options) || skipped(service, progress))
            .toList();
    String word = options.policy().isEmpty() ? "always" : options.policy();
    List<WantedImage> wanted =
        WantedImage.of(new ImageNeeds(chosen, ServiceBuilds.NONE, word, BuildMode.NEVER));
    try (Command command = Command.withoutTurn("pull", progress)) {
      Map<String, String> ignored =
          new ImagePulls(images, progress, command).resolve(wanted, options.ignoreFailures());
    }
  }

  private static boolean isPulled(String service, ServiceBuilds builds, PullOptions options) {
    return builds.isNamed(service) && !(options.ignoreBuildable() && builds.isBuilt(service));
  }

  private static boolean skipped(Desired.Service service, Progress progress) {
    String row = "Image " + service.template().image();
    progress.report(Progress.Step.of(row, "Skipped", "it is built"));
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
