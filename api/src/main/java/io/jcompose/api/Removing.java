package io.jcompose.api;

import io.jcompose.core.JcomposeException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/** Goes on with the next object where one cannot be removed, as Docker does. */
final class Removing {
  private Removing() {}

  /**
   * What was done, a line each.
   *
   * @throws JcomposeException of the first one's kind, with what was done and all that failed
   */
  static String each(List<String> words, UnaryOperator<String> removal) {
    return each(words, (Function<String, String>) removal);
  }

  private static String each(List<String> words, Function<String, String> removal) {
    StringBuilder done = new StringBuilder();
    List<String> failed = new ArrayList<>();
    for (String word : words) {
      try {
        done.append(removal.apply(word));
      } catch (JcomposeException e) {
        failed.add(String.valueOf(e.getMessage()));
      }
    }
    if (!failed.isEmpty()) {
      throw new JcomposeException.Conflict(done + String.join("\n", failed));
    }
    return done.toString();
  }
}
