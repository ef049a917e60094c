package io.jcompose.build.lint;

import io.jcompose.build.dockerfile.Dockerfile;
import io.jcompose.build.instruction.Arg;
import io.jcompose.build.word.WordException;
import io.jcompose.build.word.Words;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The arguments before the first stage.
 *
 * @param values with those of the build
 * @param defaults as if the build had none
 */
record Globals(Words words, Map<String, String> values, Map<String, String> defaults) {

  static Globals of(Dockerfile file, LintInput input) {
    Words words = new Words(file.directives().escape());
    return new Globals(
        words,
        values(file, words, input.platforms(), input.args()),
        values(file, words, input.platforms(), Map.of()));
  }

  private static Map<String, String> values(
      Dockerfile file, Words words, Map<String, String> platforms, Map<String, String> args) {
    Map<String, String> values = new LinkedHashMap<>(platforms);
    for (Arg arg : file.metaArgs()) {
      for (Arg.Entry entry : arg.entries()) {
        String given = args.get(entry.name());
        String value = given != null ? given : expand(words, entry.value(), values);
        if (value != null) {
          values.put(entry.name(), value);
        } else {
          values.putIfAbsent(entry.name(), "");
        }
      }
    }
    return values;
  }

  /** Null for nothing, and for what cannot be expanded, which is no matter of a check. */
  static @Nullable String expand(Words words, @Nullable String raw, Map<String, String> values) {
    try {
      return raw == null ? null : words.expand(raw, values::get);
    } catch (WordException e) {
      return null;
    }
  }
}
