package io.jcompose.cli.archive;

import io.jcompose.cli.terminal.CommandFailure;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.build.Packing;
import java.util.Map;

/**
 * How an output's layers are packed, checked by the engine's own rules. Apart, for a command
 * without outputs is started without the engine's classes. Stateless.
 */
final class OutputPacking {
  private OutputPacking() {}

  /**
   * @param text of the option
   * @param words as {@link Packing#of} takes them
   */
  static void require(String text, Map<String, String> words) {
    try {
      Packing ignored = Packing.of(words);
    } catch (JcomposeException.InvalidArgument e) {
      throw new CommandFailure("--output " + text + ": " + e.getMessage(), 1);
    }
  }
}
