package io.jcompose.scheduler.execute;

import io.jcompose.core.Images;
import io.jcompose.core.Images.ImageView;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Progress;
import io.jcompose.core.build.Builds;
import io.jcompose.scheduler.BuildMode;
import io.jcompose.scheduler.BuildOptions;
import io.jcompose.scheduler.desired.Desired;
import io.jcompose.scheduler.desired.ImageNeeds;
import io.jcompose.scheduler.desired.WantedImage;
import io.jcompose.scheduler.queue.Command;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Sees to it that the images of services are there: pulls what a registry has, then builds what is
 * missing still or is to be built anew. Done before a command has its turn, for both may take any
 * time; ended with its command.
 */
public record ImageSupply(Images images, Builds builds, Progress progress, Command command) {

  /**
   * The image ids by reference.
   *
   * @param before told of the images that are there, before any is pulled or built; may refuse
   * @throws JcomposeException.InvalidArgument when services want one image for several platforms,
   *     or what is wrong with their builds
   * @throws JcomposeException.NotFound for an image that cannot be pulled, and must not be built
   * @throws JcomposeException.Cancelled with the command
   */
  public Map<String, String> resolve(ImageNeeds needs, Consumer<Map<String, String>> before) {
    List<WantedImage> wanted = WantedImage.of(needs);
    ImagePulls pulls = new ImagePulls(images, progress, command);
    if (wanted.stream().anyMatch(image -> image.rebuilt() || pulls.there(image).isEmpty())) {
      before.accept(present(needs.services()));
    }
    Map<String, String> ids = new HashMap<>(pulls.resolve(wanted, false));
    Set<String> missing = new LinkedHashSet<>();
    for (WantedImage image : wanted) {
      if (image.buildable() && (image.rebuilt() || !ids.containsKey(image.reference()))) {
        missing.addAll(image.references());
      }
    }
    Map<String, String> built = built(needs, missing);
    for (WantedImage image : wanted) {
      image.references().stream()
          .filter(built::containsKey)
          .findFirst()
          .ifPresent(name -> image.references().forEach(each -> ids.put(each, built.get(name))));
    }
    return ids;
  }

  private Map<String, String> built(ImageNeeds needs, Set<String> missing) {
    List<String> services = needs.building(missing);
    if (services.isEmpty()) {
      return Map.of();
    }
    if (needs.mode() == BuildMode.NEVER) {
      throw new JcomposeException.NotFound("No such image: " + missing.iterator().next());
    }
    needs.builds().warnings(services).forEach(this::warn);
    return new ImageBuilds(builds, progress, command)
        .build(needs.builds().specs(services, BuildOptions.DEFAULT.withWhy(needs.why())));
  }

  private void warn(String text) {
    progress.report(Progress.Step.of("Build", "Warning", text));
  }

  /** Present images only, for planning without pulling. */
  public Map<String, String> present(Collection<Desired.Service> services) {
    Map<String, String> ids = new LinkedHashMap<>();
    services.stream()
        .map(service -> service.template().image())
        .distinct()
        .forEach(
            reference ->
                images.find(reference).map(ImageView::id).ifPresent(id -> ids.put(reference, id)));
    return ids;
  }
}
