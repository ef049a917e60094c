package io.jcompose.api.answer;

import io.jcompose.core.Activity;
import io.jcompose.core.ContainerDetails.Probe;
import io.jcompose.core.ContainerView;
import io.jcompose.core.Containers;
import io.jcompose.core.JcomposeException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * What containers that kept a command from success have to say: the last lines of their logs and
 * what their last probe wrote. Thread-safe.
 */
public record FailureReport(Containers containers, Activity activity) {
  private static final int MOST_CONTAINERS = 5;
  private static final int LINES = 20;
  private static final int LINE_CHARACTERS = 500;
  private static final int PROBE_CHARACTERS = 2000;

  /**
   * A text for people, some lines a container.
   *
   * @param names of those that failed; what is gone is passed over
   * @param logs false where their logs are shown already
   */
  public List<String> of(Collection<String> names, boolean logs) {
    List<String> texts = new ArrayList<>();
    for (String name : names.stream().limit(MOST_CONTAINERS).toList()) {
      containers
          .find(name)
          .filter(view -> view.startedAt() != null)
          .ifPresent(
              view -> {
                if (logs) {
                  addIfAny(texts, lastLines(view));
                }
                addIfAny(texts, lastProbe(view));
              });
    }
    return texts;
  }

  private static void addIfAny(List<String> texts, String text) {
    if (!text.isEmpty()) {
      texts.add(text);
    }
  }

  private String lastLines(ContainerView view) {
    StringBuilder text = new StringBuilder();
    try (Containers.LogReader reader =
        containers.logs(view.id(), new Containers.LogQuery(LINES, null, null, false))) {
      for (var line = reader.next(); line != null; line = reader.next()) {
        text.append("  ").append(cut(line.text().stripTrailing(), LINE_CHARACTERS)).append('\n');
      }
    } catch (JcomposeException e) {
      return ""; // it keeps no log, or is gone
    }
    return text.isEmpty() ? "" : view.name() + ", the end of its log:\n" + text;
  }

  private String lastProbe(ContainerView view) {
    List<Probe> probes;
    try {
      probes = activity.details(view.id()).probes();
    } catch (JcomposeException e) {
      return "";
    }
    if (probes.isEmpty() || view.health() == ContainerView.HealthStatus.HEALTHY) {
      return "";
    }
    Probe last = probes.getLast();
    String output = cut(last.output().strip(), PROBE_CHARACTERS).indent(2);
    return view.name()
        + ", its last health check ended with "
        + last.exitCode()
        + (output.isBlank() ? " and wrote nothing\n" : ":\n" + output);
  }

  private static String cut(String text, int most) {
    return text.length() <= most ? text : text.substring(0, most) + "…";
  }
}
