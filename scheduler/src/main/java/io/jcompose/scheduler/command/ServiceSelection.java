package io.jcompose.scheduler.command;

import io.jcompose.core.JcomposeException;
import io.jcompose.core.Progress;
import io.jcompose.scheduler.UpOptions;
import io.jcompose.scheduler.desired.Desired;
import io.jcompose.scheduler.desired.Translation;
import java.util.List;
import java.util.Set;

/**
 * The services that a command means, checked against the project's files before anything is made.
 * Stateless.
 */
public final class ServiceSelection {
  private static final Set<String> PULL_POLICIES =
      Set.of("", "policy", "always", "missing", "never", "build");

  private ServiceSelection() {}

  /**
   * The services that a command means, with their dependencies unless these are left out.
   *
   * @param progress is notified of what is not carried out
   * @throws JcomposeException.NotFound for an unknown service
   * @throws JcomposeException.NotSupported naming what is in the way
   */
  public static Set<String> of(
      Translation translation,
      List<String> services,
      boolean noDeps,
      String pull,
      Progress progress) {
    Desired desired = translation.desired();
    Set<String> selected = desired.selected(services, noDeps);
    if (selected.isEmpty()) {
      throw new JcomposeException.InvalidArgument("no service selected");
    }
    if (!PULL_POLICIES.contains(pull)) {
      throw new JcomposeException.InvalidArgument(
          "invalid --pull option \"" + pull + "\": write always, missing or never");
    }
    translation.requireSupported(selected);
    translation
        .warningsOf(selected)
        .forEach(
            text ->
                progress.report(Progress.Step.of("Project " + desired.project(), "Warning", text)));
    return selected;
  }

  /** The same of an {@code up}, of which every service that it scales must be known too. */
  public static Set<String> ofUp(Translation translation, UpOptions options, Progress progress) {
    Set<String> selected =
        of(translation, options.services(), options.noDeps(), options.pull(), progress);
    translation.desired().requireServices(options.scale().keySet());
    return selected;
  }
}
