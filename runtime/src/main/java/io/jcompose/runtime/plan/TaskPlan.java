package io.jcompose.runtime.plan;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The ordered steps that a shim carries out. Built by one thread, then sent. */
public final class TaskPlan {

  private final List<Step> steps = new ArrayList<>(96);
  private @Nullable Operations operations; // of the steps, when they were wanted

  /** Adds a step. */
  public TaskPlan add(Step step) {
    operations = null;
    steps.add(step);
    return this;
  }

  /** Adds steps. */
  public TaskPlan addAll(List<? extends Step> more) {
    operations = null;
    steps.addAll(more);
    return this;
  }

  /** A view. */
  public List<Step> steps() {
    return Collections.unmodifiableList(steps);
  }

  /**
   * Where a shim failed.
   *
   * @param number of the step, from 0
   * @param words what failed, and on what; empty where the shim's own words tell more
   */
  public record Place(int number, String step, String words) {}

  /** What an operation is a part of, by its number among all of them; empty where there is none. */
  public Optional<Place> place(int operation) {
    List<Operation> all = operations().all();
    if (operation < 0 || operation >= all.size()) {
      return Optional.empty();
    }
    Operation at = all.get(operation);
    return Optional.of(new Place(at.step(), Step.nameOf(steps.get(at.step())), at.words()));
  }

  /** Whether a failure is that of another runtime, told in its own last words. */
  public static boolean isRuntimes(int op) {
    return op == Op.RUNTIME.code;
  }

  private Operations operations() {
    Operations all = operations;
    if (all == null) {
      all = new Operations(StepEncoder.ofShim(steps), StepEncoder.ofChild(steps));
      operations = all;
    }
    return all;
  }

  /** For a shim: what it does, and in it what its child does. */
  public byte[] encode() {
    List<Operation> own = new ArrayList<>(operations().ofShim);
    own.add(child(encodeChild()));
    return new PlanImage(own, 0).encode();
  }

  /** What a child does, alone: a further program, or a command of another runtime's. */
  public byte[] encodeChild() {
    return new PlanImage(operations().ofChild, operations().ofShim.size() + 1).encode();
  }

  /**
   * What is said of a further program beside its plan.
   *
   * @param whole closing its connection ends what it has started too
   */
  public static int execFlags(boolean terminal, boolean input, boolean whole) {
    return (terminal ? StepEncoder.TASK_TTY : 0)
        | (input ? StepEncoder.TASK_STDIN : 0)
        | (whole ? StepEncoder.EXEC_WHOLE : 0);
  }

  /** The same for a shim of version 4 of the frames. */
  public byte[] encodeOlderChild() {
    List<Operation> all = new ArrayList<>(List.of(Operation.of(Op.CHILD, 0, "", "")));
    all.addAll(operations().ofChild);
    return OlderPlan.of(all);
  }

  private static Operation child(byte[] plan) {
    return Operation.of(Op.CHILD, 0, "", "", Argument.bytes(plan, ""));
  }

  private record Operations(List<Operation> ofShim, List<Operation> ofChild) {
    /** By the numbers that failures have. */
    List<Operation> all() {
      List<Operation> all = new ArrayList<>(ofShim);
      all.add(Operation.of(Op.CHILD, 0, "", ""));
      all.addAll(ofChild);
      return all;
    }
  }

  /** A step a line, each with its operations; for people and tests. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    int step = -1;
    for (Operation operation : operations().all()) {
      if (operation.step() != step && operation.op() != Op.CHILD) {
        step = operation.step();
        text.append(Step.nameOf(steps.get(step))).append('\n');
      }
      text.append("  ").append(operation).append('\n');
    }
    return text.toString();
  }
}
