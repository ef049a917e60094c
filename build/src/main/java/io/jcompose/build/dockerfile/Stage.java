package io.jcompose.build.dockerfile;

import io.jcompose.build.instruction.From;
import io.jcompose.build.instruction.Instruction;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A stage of a Dockerfile.
 *
 * @param index from 0
 * @param name in lower case; null without one
 * @param instructions those after {@code from}, in order; none is a {@code FROM}
 */
public record Stage(int index, From from, @Nullable String name, List<Instruction> instructions) {
  public Stage {
    instructions = List.copyOf(instructions);
  }
}
