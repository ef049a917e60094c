package io.jcompose.build.instruction;

import java.util.List;

/**
 * {@code SHELL}.
 *
 * @param words the program that reads shell forms, and its arguments; not empty
 */
public record Shell(Place place, String text, List<String> words) implements Instruction {
  public Shell {
    words = List.copyOf(words);
  }
}
