package io.jcompose.build.cause;

import java.util.List;
import java.util.Optional;

/**
 * What decides the result of a step. Immutable.
 *
 * @param keyword of its instruction
 * @param text of its instruction
 * @param below a digest of the layers that it stands on
 * @param inputs all others, each name once, the most telling first
 * @param done whether it came to an end
 */
public record StepInputs(
    String keyword, String text, String below, List<Input> inputs, boolean done) {
  public StepInputs {
    inputs = List.copyOf(inputs);
  }

  Optional<Input> input(String name) {
    return inputs.stream().filter(input -> input.name().equals(name)).findFirst();
  }

  StepInputs ended() {
    return new StepInputs(keyword, text, below, inputs, true);
  }
}
