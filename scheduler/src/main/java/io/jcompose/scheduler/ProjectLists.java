package io.jcompose.scheduler;

import io.jcompose.core.ContainerView;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Sums containers up to projects. Pure. */
final class ProjectLists {
  private ProjectLists() {}

  static List<ProjectView> of(List<ContainerView> containers, boolean all) {
    Map<String, List<ContainerView>> byProject = new TreeMap<>();
    for (ContainerView view : containers) {
      if (!all && !view.isRunning()) {
        continue;
      }
      String project = view.labels().getOrDefault(Labels.PROJECT, "");
      byProject.computeIfAbsent(project, key -> new ArrayList<>()).add(view);
    }
    List<ProjectView> views = new ArrayList<>();
    byProject.forEach(
        (project, members) -> {
          String files = members.getFirst().labels().getOrDefault(Labels.CONFIG_FILES, "");
          views.add(
              new ProjectView(
                  project,
                  status(members),
                  files.isEmpty() ? List.of() : List.of(files.split(",", -1))));
        });
    return views;
  }

  private static String status(List<ContainerView> members) {
    Map<String, Integer> counts = new TreeMap<>();
    for (ContainerView view : members) {
      counts.merge(view.state().name().toLowerCase(Locale.ROOT), 1, Integer::sum);
    }
    List<String> parts = new ArrayList<>();
    counts.forEach((state, count) -> parts.add(state + "(" + count + ")"));
    return String.join(", ", parts);
  }
}
