package io.jcompose.scheduler.execute;

import io.jcompose.core.Images;
import io.jcompose.core.Images.ImageView;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Progress;
import io.jcompose.core.RegistryLogins;
import io.jcompose.scheduler.desired.Desired;
import io.jcompose.scheduler.desired.WantedImage;
import io.jcompose.scheduler.plan.Operation;
import io.jcompose.scheduler.plan.ProjectPlan;
import io.jcompose.scheduler.queue.Command;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * Sees to it that the images of services are there: each once, all at the same time. Done before a
 * command has its turn, for a registry may take any time; ended with its command.
 */
public record ImagePulls(Images images, Progress progress, Command command) {

  /**
   * The image ids by reference.
   *
   * @param policy always, missing, never, or empty for each service's own
   * @param tolerant a failure is reported and otherwise ignored
   * @throws JcomposeException.InvalidArgument when services want one image for several platforms
   * @throws JcomposeException.Cancelled with the command
   */
  public Map<String, String> resolve(
      Collection<Desired.Service> services, String policy, boolean tolerant) {
    Map<String, String> ids = new ConcurrentHashMap<>();
    Map<String, Set<String>> names = new LinkedHashMap<>();
    ProjectPlan.Builder pulls = new ProjectPlan.Builder();
    for (WantedImage wanted : WantedImage.of(services, policy)) {
      names.put(wanted.reference(), wanted.references());
      Optional<String> there = there(wanted);
      if (there.isPresent()) {
        wanted.references().forEach(name -> ids.put(name, there.get()));
      } else {
        pulls.add(
            new Operation.PullImage(wanted.reference(), wanted.platform()), List.of(), "pull");
      }
    }
    Executor.run(
        pulls.build(),
        operation -> {
          if (operation instanceof Operation.PullImage pull) {
            Set<String> all = names.getOrDefault(pull.reference(), Set.of());
            pull(pull, tolerant).ifPresent(id -> all.forEach(name -> ids.put(name, id)));
          }
        });
    return ids;
  }

  /**
   * The same, of which no failure is tolerated.
   *
   * @param before told of the images that are there, before any is pulled; may refuse
   */
  public Map<String, String> resolve(
      Collection<Desired.Service> services, String policy, Consumer<Map<String, String>> before) {
    if (!missing(services, policy).isEmpty()) {
      before.accept(present(services));
    }
    return resolve(services, policy, false);
  }

  /** Pulls one, whatever is there. */
  public void pull(String reference, String platform) {
    Optional<String> ignored = pull(new Operation.PullImage(reference, platform), false);
  }

  /** The names of the images that {@link #resolve} would pull. */
  public List<String> missing(Collection<Desired.Service> services, String policy) {
    return WantedImage.of(services, policy).stream()
        .filter(wanted -> wanted.policy() != WantedImage.Policy.NEVER && there(wanted).isEmpty())
        .map(WantedImage::reference)
        .toList();
  }

  /** The id of one that need not be pulled. */
  private Optional<String> there(WantedImage wanted) {
    if (wanted.policy() == WantedImage.Policy.ALWAYS) {
      return Optional.empty();
    }
    Optional<String> there = images.find(wanted.reference(), wanted.platform()).map(ImageView::id);
    if (there.isEmpty() && wanted.policy() == WantedImage.Policy.NEVER) {
      throw new JcomposeException.NotFound("No such image: " + wanted.reference());
    }
    return there;
  }

  private Optional<String> pull(Operation.PullImage pull, boolean tolerant) {
    String row = "Image " + pull.reference();
    progress.report(Progress.Step.of(row, "Pulling"));
    try {
      String id = fetch(pull, row).id();
      progress.report(Progress.Step.of(row, "Pulled"));
      return Optional.of(id);
    } catch (JcomposeException.Cancelled e) {
      throw e;
    } catch (RuntimeException e) {
      String text = String.valueOf(e.getMessage());
      progress.report(Progress.Step.of(row, tolerant ? "Warning" : "Error", text));
      if (!tolerant) {
        throw e;
      }
      return Optional.empty();
    }
  }

  /** The port ends a wait whose thread is interrupted, and with its last waiter the download. */
  private ImageView fetch(Operation.PullImage pull, String row) {
    Thread self = Thread.currentThread();
    Runnable waker = self::interrupt;
    command.onCancel(waker);
    try {
      command.checkWanted();
      return images.pull(pull.reference(), pull.platform(), new LayerReports(row, progress));
    } finally {
      command.forget(waker);
    }
  }

  /**
   * What an image's pull reports, under the caller's row: the image's own row is reported here,
   * under the name that the service gives it.
   */
  private record LayerReports(String row, Progress caller) implements Progress {
    @Override
    public void report(Step step) {
      if (step.status().equals("Warning")) {
        caller.report(Step.of(row, step.status(), step.text()));
      } else if (step.parentId() != null) {
        caller.report(
            new Step(step.id(), row, step.status(), step.text(), step.current(), step.total()));
      }
    }

    @Override
    public RegistryLogins logins() {
      return caller.logins();
    }
  }

  /** Present images only, for planning without pulling. */
  public Map<String, String> present(Collection<Desired.Service> services) {
    Map<String, String> ids = new LinkedHashMap<>();
    services.stream()
        .map(service -> service.template().image())
        .distinct()
        .forEach(
            reference -> images.find(reference).ifPresent(image -> ids.put(reference, image.id())));
    return ids;
  }
}
