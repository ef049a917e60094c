package io.jcompose.build.instruction;

import java.util.List;

/**
 * {@code ENV}; every value sees the variables from before the instruction.
 *
 * @param legacy written {@code ENV key value}
 */
public record Env(Place place, String text, List<Pair> pairs, boolean legacy)
    implements Instruction {
  public Env {
    pairs = List.copyOf(pairs);
  }
}
