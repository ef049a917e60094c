package io.jcompose.scheduler.execute;

import io.jcompose.core.Images;
import io.jcompose.core.Images.ImageView;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Progress;
import io.jcompose.core.RegistryLogins;
import io.jcompose.scheduler.desired.ImageNeeds;
import io.jcompose.scheduler.desired.WantedImage;
import io.jcompose.scheduler.plan.Operation;
import io.jcompose.scheduler.plan.ProjectPlan;
import io.jcompose.scheduler.queue.Command;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Sees to it that the images of services are there: each once, all at the same time. Done before a
 * command has its turn, for a registry may take any time; ended with its command.
 */
public record ImagePulls(Images images, Progress progress, Command command) {

  /**
   * The image ids by reference; without those that are neither there nor can be pulled, of images
   * that can be built.
   *
   * @param tolerant a failure is reported and otherwise ignored, as that of a buildable image is
   * @throws JcomposeException.Cancelled with the command
   */
  public Map<String, String> resolve(Collection<WantedImage> all, boolean tolerant) {
    Map<String, String> ids = new ConcurrentHashMap<>();
    Map<String, WantedImage> asked = new LinkedHashMap<>();
    ProjectPlan.Builder pulls = new ProjectPlan.Builder();
    for (WantedImage wanted : all) {
      Optional<String> there = there(wanted);
      if (there.isPresent()) {
        wanted.references().forEach(name -> ids.put(name, there.get()));
      } else if (wanted.policy() != WantedImage.Policy.NEVER) {
        asked.put(wanted.reference(), wanted);
        pulls.add(
            new Operation.PullImage(wanted.reference(), wanted.platform()), List.of(), "pull");
      }
    }
    Executor.run(
        pulls.build(),
        operation -> {
          WantedImage wanted =
              operation instanceof Operation.PullImage pull ? asked.get(pull.reference()) : null;
          if (wanted != null) {
            pull(wanted, tolerant || wanted.buildable())
                .ifPresent(id -> wanted.references().forEach(name -> ids.put(name, id)));
          }
        });
    return ids;
  }

  /** Pulls one, whatever is there. */
  public void pull(String reference, String platform) {
    Optional<String> ignored = pull(new Operation.PullImage(reference, platform), false);
  }

  /** The names of the images that {@link #resolve} would pull. */
  public List<String> missing(ImageNeeds needs) {
    return WantedImage.of(needs).stream()
        .filter(wanted -> wanted.policy() != WantedImage.Policy.NEVER && there(wanted).isEmpty())
        .map(WantedImage::reference)
        .toList();
  }

  /** The id of one that need not be pulled. */
  Optional<String> there(WantedImage wanted) {
    if (wanted.policy() == WantedImage.Policy.ALWAYS) {
      return Optional.empty();
    }
    Optional<String> there = images.find(wanted.reference(), wanted.platform()).map(ImageView::id);
    boolean mustBe = wanted.policy() == WantedImage.Policy.NEVER && !wanted.buildable();
    if (there.isEmpty() && mustBe) {
      throw new JcomposeException.NotFound("No such image: " + wanted.reference());
    }
    return there;
  }

  private Optional<String> pull(WantedImage wanted, boolean tolerant) {
    return pull(new Operation.PullImage(wanted.reference(), wanted.platform()), tolerant);
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
}
