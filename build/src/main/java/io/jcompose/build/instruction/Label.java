package io.jcompose.build.instruction;

import java.util.List;

/**
 * {@code LABEL}.
 *
 * @param legacy written {@code LABEL key value}
 */
public record Label(Place place, String text, List<Pair> pairs, boolean legacy)
    implements Instruction {
  public Label {
    pairs = List.copyOf(pairs);
  }
}
