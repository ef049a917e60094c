package io.jcompose.api.answer;

import io.jcompose.core.JcomposeException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/** Goes on with the next word where one fails, as Docker does. */
public final class EachWord {
  private EachWord() {}

  /**
   * What was done, as texts one after the other.
   *
   * @throws PartialAnswer with what was done and all that failed
   */
  public static String done(List<String> words, UnaryOperator<String> work) {
    return found(words, work, parts -> String.join("", parts));
  }

  /**
   * What was found, rendered together.
   *
   * @throws PartialAnswer with what was found and all that failed
   */
  public static <T> String found(
      List<String> words, Function<String, T> work, Function<List<T>, String> rendering) {
    List<T> found = new ArrayList<>();
    List<JcomposeException> failed = new ArrayList<>();
    for (String word : words) {
      try {
        found.add(work.apply(word));
      } catch (JcomposeException e) {
        failed.add(e);
      }
    }
    String text = rendering.apply(found);
    if (failed.isEmpty()) {
      return text;
    }
    JcomposeException error = failed.size() == 1 ? failed.getFirst() : together(failed);
    throw text.isEmpty() ? error : new PartialAnswer(text, error);
  }

  private static JcomposeException together(List<JcomposeException> failed) {
    return new JcomposeException.Conflict(
        String.join("\n", failed.stream().map(Throwable::getMessage).toList()));
  }
}
