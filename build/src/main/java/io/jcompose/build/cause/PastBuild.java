package io.jcompose.build.cause;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * What the steps of a build were made of. Immutable.
 *
 * @param stages by their names
 */
record PastBuild(Map<String, Stage> stages) {

  /**
   * One stage.
   *
   * @param base the image that it stands on, with its digest; empty for another stage
   */
  record Stage(String base, List<StepInputs> steps) {
    Stage {
      steps = List.copyOf(steps);
    }
  }

  PastBuild {
    stages = Map.copyOf(stages);
  }

  /** A build that broke off, with what an earlier one had of the steps that it did not reach. */
  PastBuild completedBy(PastBuild earlier) {
    Map<String, Stage> all = new LinkedHashMap<>(earlier.stages);
    stages.forEach(
        (name, stage) -> {
          List<StepInputs> steps = new ArrayList<>(stage.steps);
          Stage was = earlier.stages.get(name);
          if (was != null) {
            steps.addAll(was.steps.stream().skip(steps.size()).toList());
          }
          all.put(name, new Stage(stage.base, steps));
        });
    return new PastBuild(all);
  }

  /** The same for the same inputs; files count by their step's digest. */
  int mark() {
    int mark = 0;
    for (Map.Entry<String, Stage> stage : stages.entrySet()) {
      int steps = stage.getValue().base.hashCode();
      for (StepInputs step : stage.getValue().steps) {
        steps = 31 * steps + Objects.hash(step.text(), step.below(), step.done());
        for (Input input : step.inputs()) {
          steps = 31 * steps + Objects.hash(input.name(), input.digest());
        }
      }
      mark += 31 * steps + stage.getKey().hashCode();
    }
    return mark;
  }
}
