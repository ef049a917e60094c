package io.jcompose.api.project;

import io.jcompose.api.answer.ProgressLines;
import io.jcompose.api.request.CommandRequest;
import io.jcompose.api.request.ProjectSource;
import io.jcompose.compose.model.Project;
import io.jcompose.core.ImageReference;
import io.jcompose.core.Images;
import io.jcompose.core.Images.Pushed;
import io.jcompose.core.JcomposeException;
import io.jcompose.scheduler.Projects;
import java.util.List;
import java.util.Map;

/** {@code push}, of a project's images, and {@code image push}, of no project's. */
public final class PushCommands {
  private final Projects projects;
  private final Images images;
  private final ProjectSource source;

  public PushCommands(Projects projects, Images images, ProjectSource source) {
    this.projects = projects;
    this.images = images;
    this.source = source;
  }

  /** The images of services that are built. */
  public void push(CommandRequest request, ProgressLines progress) {
    List<String> words = request.arguments();
    Project project;
    try {
      project = source.load(request, words);
      source.requireServices(project, words);
    } catch (JcomposeException.NotFound e) {
      String advice =
          "an image by itself is pushed by `jcompose image push " + String.join(" ", words) + "`";
      throw ProjectSource.advising(e, words, advice);
    }
    projects.push(
        project, words, request.has("include-deps"), request.has("ignore-push-failures"), progress);
  }

  /** One image, or all that have names of its repository; ends with docker's line for each. */
  public void pushImages(CommandRequest request, ProgressLines progress) {
    if (request.arguments().size() != 1) {
      throw new JcomposeException.InvalidArgument("image push needs the name of one image");
    }
    String word = request.arguments().getFirst();
    ImageReference name = ImageReference.parse(word);
    List<String> references =
        request.has("all-tags") ? ofRepository(word, name) : List.of(name.familiar());
    List<Pushed> pushed = projects.push(references, progress);
    if (request.has("quiet")) {
      references.forEach(
          one -> progress.send(Map.of("stdout", ImageReference.parse(one).toString())));
      return;
    }
    for (Pushed one : pushed) {
      progress.send(
          Map.of(
              "stdout",
              "%s: digest: %s size: %d".formatted(one.tag(), one.digest(), one.sizeBytes())));
    }
  }

  private List<String> ofRepository(String word, ImageReference name) {
    if (word.lastIndexOf(':') > word.lastIndexOf('/') || name.digest() != null) {
      throw new JcomposeException.InvalidArgument("tag can't be used with --all-tags/-a");
    }
    List<String> references =
        images.list().stream()
            .flatMap(image -> image.references().stream())
            .filter(one -> one.startsWith(name.familiarName() + ":"))
            .sorted()
            .toList();
    if (references.isEmpty()) {
      throw new JcomposeException.NotFound(
          "An image does not exist locally with the tag: " + name.familiarName());
    }
    return references;
  }
}
