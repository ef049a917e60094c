package io.jcompose.scheduler;

import io.jcompose.core.Images;
import io.jcompose.core.Images.ImageView;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Progress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Sees to it that the images of services are there: each once, all at the same time. */
record ImagePulls(Images images, Progress progress) {

  /**
   * The image ids by reference.
   *
   * @param policy always, missing, never, or empty for each service's own
   * @param tolerant a failure is reported and otherwise ignored
   */
  Map<String, String> resolve(
      Collection<Desired.Service> services, String policy, boolean tolerant) {
    Map<String, Desired.Service> byReference = new LinkedHashMap<>();
    for (Desired.Service service : services) {
      byReference.putIfAbsent(service.template().image(), service);
    }
    Map<String, String> ids = new ConcurrentHashMap<>();
    Plan.Builder pulls = new Plan.Builder();
    byReference.forEach(
        (reference, service) -> {
          String how = policy.isEmpty() || policy.equals("policy") ? service.pullPolicy() : policy;
          Optional<ImageView> there =
              how.equals("always") ? Optional.empty() : images.find(reference, service.platform());
          if (there.isPresent()) {
            ids.put(reference, there.get().id());
          } else if (how.equals("never")) {
            throw new JcomposeException.NotFound("No such image: " + reference);
          } else {
            pulls.add(new Operation.PullImage(reference, service.platform()), List.of(), "pull");
          }
        });
    Executor.run(
        pulls.build(),
        operation -> {
          if (operation instanceof Operation.PullImage pull) {
            pull(pull, ids, tolerant);
          }
        });
    return ids;
  }

  private void pull(Operation.PullImage pull, Map<String, String> ids, boolean tolerant) {
    String row = "Image " + pull.reference();
    progress.report(Progress.Step.of(row, "Pulling"));
    try {
      ImageView image = images.pull(pull.reference(), pull.platform(), step -> layer(row, step));
      ids.put(pull.reference(), image.id());
      progress.report(Progress.Step.of(row, "Pulled"));
    } catch (RuntimeException e) {
      String text = String.valueOf(e.getMessage());
      progress.report(Progress.Step.of(row, tolerant ? "Warning" : "Error", text));
      if (!tolerant) {
        throw e;
      }
    }
  }

  /** The image's own row is told here, under the name that the service gives it. */
  private void layer(String row, Progress.Step step) {
    if (step.parentId() != null) {
      progress.report(
          new Progress.Step(
              step.id(), row, step.status(), step.text(), step.current(), step.total()));
    }
  }

  /** Present images only, for planning without pulling. */
  Map<String, String> present(Collection<Desired.Service> services) {
    Map<String, String> ids = new LinkedHashMap<>();
    List<String> seen = new ArrayList<>();
    for (Desired.Service service : services) {
      String reference = service.template().image();
      if (!seen.contains(reference)) {
        seen.add(reference);
        images.find(reference).ifPresent(image -> ids.put(reference, image.id()));
      }
    }
    return ids;
  }
}
