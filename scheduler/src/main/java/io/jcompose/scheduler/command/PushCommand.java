package io.jcompose.scheduler.command;

import io.jcompose.core.Images;
import io.jcompose.core.Images.Pushed;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Progress;
import io.jcompose.core.build.Packing;
import io.jcompose.scheduler.queue.Command;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** {@code push}: brings images to their registries; needs no turn, and ends with its caller. */
public record PushCommand(Images images) {

  /**
   * Pushes images by their names, all at the same time.
   *
   * @param tolerant a failure is reported and otherwise ignored
   * @return what was pushed, in the names' order
   */
  public List<Pushed> push(List<String> references, boolean tolerant, Progress progress) {
    return push(references, tolerant, Packing.DEFAULT, progress);
  }

  /** The same, with layers packed in a way of their own. */
  public List<Pushed> push(
      List<String> references, boolean tolerant, Packing packing, Progress progress) {
    try (Command command = Command.withoutTurn("push", progress);
        ExecutorService pool =
            Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("push-", 0).factory())) {
      List<Future<List<Pushed>>> work = new ArrayList<>();
      for (String reference : references) {
        work.add(pool.submit(() -> push(reference, tolerant, packing, progress, command)));
      }
      try {
        List<Pushed> pushed = new ArrayList<>();
        for (Future<List<Pushed>> one : work) {
          pushed.addAll(one.get());
        }
        return pushed;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new JcomposeException.Cancelled("the push was given up");
      } catch (ExecutionException e) {
        throw e.getCause() instanceof RuntimeException cause
            ? cause
            : new JcomposeException.Internal("push failed", e);
      } finally {
        pool.shutdownNow();
      }
    }
  }

  private List<Pushed> push(
      String reference, boolean tolerant, Packing packing, Progress progress, Command command) {
    Thread self = Thread.currentThread();
    Runnable waker = self::interrupt;
    command.onCancel(waker);
    try {
      command.checkWanted();
      return List.of(images.push(reference, packing, progress));
    } catch (JcomposeException.Cancelled e) {
      throw e;
    } catch (RuntimeException e) {
      String text = String.valueOf(e.getMessage());
      progress.report(Progress.Step.of("Image " + reference, tolerant ? "Warning" : "Error", text));
      if (!tolerant) {
        throw e;
      }
      return List.of();
    } finally {
      command.forget(waker);
    }
  }
}
