package io.jcompose.scheduler.execute;

import io.jcompose.core.Progress;
import io.jcompose.core.build.BuildSpec;
import io.jcompose.core.build.Builds;
import io.jcompose.core.build.Builds.Built;
import io.jcompose.scheduler.plan.Operation;
import io.jcompose.scheduler.plan.ProjectPlan;
import io.jcompose.scheduler.queue.Command;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Builds images, all of a command in one call; ended with the command. */
public record ImageBuilds(Builds builds, Progress progress, Command command) {

  /**
   * The image ids by the names that they got; by the build's name for one without.
   *
   * @throws io.jcompose.core.JcomposeException.Cancelled with the command
   */
  public Map<String, String> build(List<BuildSpec> specs) {
    Map<String, String> ids = new ConcurrentHashMap<>();
    ProjectPlan.Builder plan = new ProjectPlan.Builder();
    plan.add(new Operation.BuildImages(specs), List.of(), "build");
    // On a thread of its own, which alone is interrupted when the command ends.
    Executor.run(
        plan.build(),
        operation -> {
          if (operation instanceof Operation.BuildImages build) {
            ids.putAll(carryOut(build.specs()));
          }
        });
    return ids;
  }

  private Map<String, String> carryOut(List<BuildSpec> specs) {
    Thread self = Thread.currentThread();
    Runnable waker = self::interrupt;
    command.onCancel(waker);
    try {
      command.checkWanted();
      return named(specs, builds.build(specs, progress));
    } finally {
      command.forget(waker);
    }
  }

  private static Map<String, String> named(List<BuildSpec> specs, List<Built> built) {
    Map<String, String> ids = new LinkedHashMap<>();
    for (int i = 0; i < specs.size(); i++) {
      BuildSpec spec = specs.get(i);
      String id = built.get(i).imageId();
      List<String> names = spec.tags().isEmpty() ? List.of(spec.name()) : spec.tags();
      names.forEach(name -> ids.put(name, id));
    }
    return ids;
  }
}
