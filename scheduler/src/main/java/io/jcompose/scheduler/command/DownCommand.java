package io.jcompose.scheduler.command;

import io.jcompose.core.Networks.NetworkView;
import io.jcompose.core.Progress;
import io.jcompose.core.Volumes.VolumeView;
import io.jcompose.scheduler.DownOptions;
import io.jcompose.scheduler.FileScope;
import io.jcompose.scheduler.desired.Desired;
import io.jcompose.scheduler.execute.CommandContext;
import io.jcompose.scheduler.execute.EnginePorts;
import io.jcompose.scheduler.plan.Observed;
import io.jcompose.scheduler.plan.ProjectPlan;
import io.jcompose.scheduler.plan.ServicePlans;
import io.jcompose.scheduler.store.ProjectStore;
import io.jcompose.scheduler.store.ProjectStore.Goal;
import io.jcompose.scheduler.store.ProjectStore.Stored;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * {@code down}: stops and removes the project's containers, then what they used. Of one that a
 * crash interrupted the next start does the rest. Used in the project's turn only.
 */
public record DownCommand(EnginePorts ports, ProjectStore store, StopCommands stops) {

  /** Carries a {@code down} out. */
  public void carryOut(String project, DownOptions asked, CommandContext context) {
    Desired last = store.load(project).map(Stored::desired).orElse(null);
    DownOptions options = asked.with(last);
    Observed observed = ports.observe(project, null, Map.of());
    boolean whole = options.services().isEmpty();
    ProjectPlan plan =
        new ServicePlans(observed.graph(last), observed)
            .down(
                options,
                whole ? networks(options, observed) : List.of(),
                whole && options.volumes() ? volumes(options, last, observed) : List.of(),
                ports.present(options.images()));
    if (plan.isEmpty()) {
      nothingToRemove(project, context.progress());
    }
    if (!whole) {
      stops.carryOut(project, Goal.DOWN, last, options, context);
    } else if (!plan.isEmpty()) {
      execute(plan, Stored.ofEnd(project, Goal.DOWN, last, options, Map.of()), context);
    }
    if (whole && isOfItsFiles(options, last)) {
      store.delete(project);
    }
  }

  private void execute(ProjectPlan plan, Stored next, CommandContext context) {
    store.beginRemoval(next);
    try {
      // Nor does one that was given up by its caller, whenever the engine ends.
      context.command().whileAttended(() -> store.withdraw(next), () -> context.execute(plan));
    } finally {
      store.finish(next); // reported: no later start carries on with it, least of all with -v
    }
  }

  /** What other files brought up stays as they say. */
  private static boolean isOfItsFiles(DownOptions options, @Nullable Desired last) {
    FileScope file = options.file();
    return file == null || last == null || last.configFiles().equals(file.configFiles());
  }

  private static void nothingToRemove(String project, Progress progress) {
    progress.report(
        Progress.Step.of(
            "Project " + project,
            "Warning",
            "No resource found to remove for project \"" + project + "\"."));
  }

  private static List<NetworkView> networks(DownOptions options, Observed observed) {
    FileScope file = options.file();
    return observed.networks().values().stream()
        .filter(network -> file == null || file.networks().contains(network.name()))
        .sorted(Comparator.comparing(NetworkView::name))
        .toList();
  }

  /** Of files, those that they name; else all that the project made, but for external ones. */
  private static List<String> volumes(
      DownOptions options, @Nullable Desired last, Observed observed) {
    FileScope file = options.file();
    Set<String> external =
        last == null
            ? Set.of()
            : last.volumes().values().stream()
                .filter(Desired.Volume::external)
                .map(volume -> volume.spec().name())
                .collect(Collectors.toSet());
    return observed.volumes().values().stream()
        .map(VolumeView::name)
        .filter(name -> file == null ? !external.contains(name) : file.volumes().contains(name))
        .sorted()
        .toList();
  }
}
