package io.jcompose.build.solve;

import io.jcompose.build.cause.BuildInputs;
import io.jcompose.build.context.FileList;
import io.jcompose.core.ImageReference;
import io.jcompose.core.Images;
import io.jcompose.core.Progress;
import io.jcompose.core.build.BuildSpec;
import io.jcompose.core.build.Builds;
import io.jcompose.core.sync.GivenUp;
import io.jcompose.images.BuildLayers;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * One call of builds.
 *
 * @param results what each build of it gives, by its name
 * @param budget what the configurations of all its stages may take
 * @param room for the names of their files
 * @param inputs of each build that has begun
 * @param caches results of steps elsewhere
 */
record Call(
    Site site,
    BuildLayers layers,
    Progress progress,
    GivenUp isGivenUp,
    Map<String, CompletableFuture<ImageState>> results,
    Budget budget,
    FileList.Room room,
    List<BuildInputs> inputs,
    Caches caches) {

  /** The row of a build: the name that people look for. */
  static String row(BuildSpec spec) {
    return "Image " + (spec.tags().isEmpty() ? spec.name() : spec.tags().getFirst());
  }

  void report(BuildSpec spec, String step, String status) {
    progress.report(new Progress.Step(step, row(spec), status, "", 0, 0));
  }

  void printed(BuildSpec spec, String step, String line) {
    progress.report(new Progress.Step(step, row(spec), Builds.OUTPUT, line, 0, 0));
  }

  /** Tells why a step is carried out. */
  void explain(BuildSpec spec, String step, String why) {
    progress.report(new Progress.Step(step, row(spec), Builds.NOT_CACHED, why, 0, 0));
  }

  void warn(BuildSpec spec, String text) {
    progress.report(Progress.Step.of(row(spec), "Warning", text));
  }

  /** Not by the first digits of an id, which a short name may be by chance. */
  private static boolean isCalled(Images.ImageView image, ImageReference name) {
    return name.digest() != null || image.references().contains(name.familiar());
  }

  /** An image that is here, or is fetched. */
  Images.ImageView pulled(BuildSpec spec, String reference, String platform) {
    ImageReference name = ImageReference.parse(reference);
    Optional<Images.ImageView> found =
        spec.cache().pull() ? Optional.empty() : site.images().find(reference, platform);
    found = found.filter(image -> reference.startsWith("sha256:") || isCalled(image, name));
    return found.orElseGet(
        () -> isGivenUp.interruptibly(() -> site.images().pull(reference, platform, progress)));
  }
}
