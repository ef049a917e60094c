package io.jcompose.build.instruction;

import java.util.List;

/**
 * A command line. In the shell form {@code words} is one line, for the shell to read; otherwise it
 * is the program and its arguments, from a JSON array, and may be empty.
 */
public record Command(boolean shellForm, List<String> words) {
  public Command {
    words = List.copyOf(words);
  }

  /** The line of the shell form. */
  public String line() {
    return words.getFirst();
  }
}
