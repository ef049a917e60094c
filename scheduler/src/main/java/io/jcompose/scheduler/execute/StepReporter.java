package io.jcompose.scheduler.execute;

import io.jcompose.core.Progress;
import java.util.Optional;

/** Reports steps of a command in Compose's words. Thread-safe as its progress is. */
record StepReporter(Progress progress) {

  /**
   * Reports that something is being done, does it, and reports how it went.
   *
   * @param id of the row, as {@code Container x}
   */
  void reported(String id, String doing, String why, String done, Runnable action) {
    report(id, doing, why);
    ended(id, done, action);
  }

  /** Does what was reported as begun; the row gets its end: an error, or {@code done}, if any. */
  void ended(String id, String done, Runnable action) {
    try {
      action.run();
    } catch (RuntimeException e) {
      report(id, "Error", message(e));
      throw e;
    }
    if (!done.isEmpty()) {
      report(id, done, "");
    }
  }

  void report(String id, String status, String text) {
    progress.report(Progress.Step.of(id, status, text));
  }

  static String message(RuntimeException e) {
    return Optional.ofNullable(e.getMessage()).orElse(e.toString());
  }
}
