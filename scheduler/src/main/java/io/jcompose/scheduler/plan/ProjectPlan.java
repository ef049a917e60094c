package io.jcompose.scheduler.plan;

import java.util.ArrayList;
import java.util.List;

/**
 * Operations and what each must come after: a graph without cycles, because a step names only
 * earlier ones. Immutable.
 *
 * @param warnings what a person should know before it is carried out
 */
public record ProjectPlan(List<Step> steps, List<String> warnings) {
  public ProjectPlan {
    steps = List.copyOf(steps);
    warnings = List.copyOf(warnings);
  }

  public boolean isEmpty() {
    return steps.isEmpty();
  }

  /** True when nothing would change. */
  public boolean changesNothing() {
    return steps.stream()
        .map(Step::operation)
        .allMatch(
            operation ->
                operation instanceof Operation.KeepContainer
                    || operation instanceof Operation.AwaitCondition
                    || operation instanceof Operation.AwaitRunning);
  }

  /**
   * The plan for people and tests: a line a step, {@code number. text [detail] [after …] (cause)}.
   */
  public String text() {
    StringBuilder out = new StringBuilder();
    warnings.forEach(warning -> out.append("! ").append(warning).append('\n'));
    for (int i = 0; i < steps.size(); i++) {
      Step step = steps.get(i);
      out.append(i + 1).append(". ").append(step.operation.text());
      String detail = step.operation.detail();
      if (!detail.isEmpty()) {
        out.append(" [").append(detail).append(']');
      }
      if (!step.after.isEmpty()) {
        List<String> numbers = new ArrayList<>();
        step.after.forEach(index -> numbers.add(String.valueOf(index + 1)));
        out.append(" after ").append(String.join(",", numbers));
      }
      out.append("  (").append(step.cause).append(")\n");
    }
    return out.toString();
  }

  /**
   * One operation.
   *
   * @param after indexes of earlier steps that must have succeeded
   * @param cause why it is done
   */
  public record Step(Operation operation, List<Integer> after, String cause) {
    public Step {
      after = List.copyOf(after);
    }
  }

  /** Collects steps. Confined to one thread. */
  public static final class Builder {
    private final List<Step> steps = new ArrayList<>();
    private final List<String> warnings = new ArrayList<>();

    void warn(String text) {
      warnings.add(text);
    }

    /** Adds a step and returns its index. */
    public int add(Operation operation, Iterable<Integer> after, String cause) {
      List<Integer> sorted = new ArrayList<>();
      for (int index : after) {
        if (index >= steps.size()) {
          throw new IllegalArgumentException("step " + index + " is not before this one");
        }
        if (!sorted.contains(index)) {
          sorted.add(index);
        }
      }
      sorted.sort(null);
      steps.add(new Step(operation, sorted, cause));
      return steps.size() - 1;
    }

    public ProjectPlan build() {
      return new ProjectPlan(steps, warnings);
    }
  }
}
