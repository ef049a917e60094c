package io.jcompose.scheduler.desired;

import static java.util.regex.Pattern.DOTALL;

import io.jcompose.compose.Problem;
import io.jcompose.compose.model.FileReference;
import io.jcompose.compose.model.Project;
import io.jcompose.compose.model.Service;
import io.jcompose.core.JcomposeException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What keeps services from being said in the engine's words at all: each attribute is tried for
 * itself, so that a person hears of all of them at once. Confined to one thread.
 */
final class TranslationProblems {
  private final Project project;
  private final List<Problem> found = new ArrayList<>();

  TranslationProblems(Project project) {
    this.project = project;
  }

  /** Problems of all services looked at, with their places; mostly empty. */
  List<Problem> found() {
    return found;
  }

  /** Tries what a service's template is made of. */
  void look(Service service, ContainerSpecs specs, StorageSpecs storage) {
    String path = "services." + service.name();
    int before = found.size();
    attempt(path + "." + ExtensionSettings.KEY, () -> ExtensionSettings.of(service));
    attempt(path + "." + ExtensionSettings.KEY, () -> NetworkLimits.of(service));
    attempt(path + ".networks", () -> specs.mode(service));
    attempt(path + ".gpus", () -> DeviceNames.of(service));
    for (String option : service.isolation().securityOpt()) {
      attempt(
          path + ".security_opt", () -> SeccompFiles.read(List.of(option), project.workingDir()));
    }
    for (FileReference config : service.storage().configs()) {
      attempt(path + ".configs", () -> storage.config(config));
    }
    for (FileReference secret : service.storage().secrets()) {
      attempt(path + ".secrets", () -> storage.secret(secret));
    }
    if (found.size() == before) {
      attempt(path, () -> specs.template(service));
    }
  }

  private interface Attempt {
    Object make();
  }

  private void attempt(String path, Attempt attempt) {
    try {
      Object ignored = attempt.make();
    } catch (JcomposeException e) {
      Problem problem = placed(path, String.valueOf(e.getMessage()));
      if (!found.contains(problem)) {
        found.add(problem);
      }
    }
  }

  /** Some messages begin with the element themselves, down to the key that is wrong. */
  private Problem placed(String path, String message) {
    Matcher named =
        Pattern.compile("(" + Pattern.quote(path) + "[^ :]*):? (.*)", DOTALL).matcher(message);
    String element = named.matches() ? named.group(1) : path;
    String text = named.matches() ? named.group(2) : message;
    return new Problem(project.positions().of(element), element, text);
  }
}
