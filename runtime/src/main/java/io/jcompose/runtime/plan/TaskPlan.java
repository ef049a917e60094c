package io.jcompose.runtime.plan;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The ordered steps that a shim carries out. Built by one thread, then sent. */
public final class TaskPlan {
  static final int MAGIC = 0x3150434a;
  static final int VERSION = 2;

  private final List<Step> steps = new ArrayList<>(96);
  private @Nullable List<Operation> operations; // of the steps, when they were wanted

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
    List<Operation> all = operations();
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

  private List<Operation> operations() {
    List<Operation> all = operations;
    if (all == null) {
      all = StepEncoder.encode(steps);
      operations = all;
    }
    return all;
  }

  /** The protocol's form. */
  public byte[] encode() {
    int length = 2 * Integer.BYTES; // known before, for a long plan must be in memory only once
    for (Operation operation : operations()) {
      length += operation.length();
    }
    ByteBuffer bytes = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putInt(MAGIC).putInt(VERSION);
    operations().forEach(operation -> operation.put(bytes));
    return bytes.array();
  }

  /** A step a line, each with its operations; for people and tests. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    int step = -1;
    for (Operation operation : operations()) {
      if (operation.step() != step) {
        step = operation.step();
        text.append(Step.nameOf(steps.get(step))).append('\n');
      }
      text.append("  ").append(operation).append('\n');
    }
    return text.toString();
  }
}
