package io.jcompose.build.cause;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The steps of a stage, with what decides them, beside those of the last build. Confined to the
 * stage's thread; {@link #steps} is asked when that has ended.
 */
public final class StageInputs {
  private final String name;
  private final String base;
  private final Supplier<@Nullable PastBuild> past;
  private final List<StepInputs> steps = new ArrayList<>();
  private boolean remade;

  /**
   * @param base the image that it stands on, with its digest; empty for another stage
   * @param remade whether something that it stands on was made anew
   * @param past the last build; null when there was none
   */
  StageInputs(String name, String base, boolean remade, Supplier<@Nullable PastBuild> past) {
    this.name = name;
    this.base = base;
    this.remade = remade;
    this.past = past;
  }

  String name() {
    return name;
  }

  String base() {
    return base;
  }

  List<StepInputs> steps() {
    return steps;
  }

  /** A step whose result is known. */
  public void known(StepInputs step) {
    steps.add(step.ended());
  }

  /** A step that is carried out. */
  public void begun(StepInputs step) {
    steps.add(step);
    remade = true;
  }

  /** The step that was begun has a result. */
  public void ended() {
    steps.add(steps.removeLast().ended());
  }

  /** Why a step that is next has no result that is known. */
  public String cause(StepInputs step) {
    PastBuild all = past.get();
    PastBuild.Stage stage = all == null ? null : all.stages().get(name);
    if (stage == null) {
      return "never built before";
    }
    StepInputs then = then(stage.steps(), step);
    if (then == null) {
      return "the instruction is new";
    }
    String own = Difference.of(then, step);
    if (own != null) {
      return own;
    }
    if (then.below().equals(step.below())) {
      return then.done() ? "its result was removed" : "it failed the last time";
    }
    if (remade) {
      return "a step before it";
    }
    return stage.base().equals(base)
        ? "the files below it changed"
        : "base image " + (base.isEmpty() ? "is a stage now" : digests(stage.base(), base));
  }

  private static String digests(String was, String is) {
    return (was.isEmpty() ? "a stage" : was) + ", now " + is;
  }

  /** The same instruction, or else the same keyword, in the last build. */
  private @Nullable StepInputs then(List<StepInputs> all, StepInputs step) {
    int place = steps.size();
    StepInputs same = place < all.size() ? all.get(place) : null;
    if (same != null && same.text().equals(step.text())) {
      return same;
    }
    for (StepInputs one : all) {
      if (one.text().equals(step.text())) {
        return one;
      }
    }
    return same != null && same.keyword().equals(step.keyword()) ? same : null;
  }
}
