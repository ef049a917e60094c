package io.jcompose.api.container;

import io.jcompose.api.request.NamePattern;
import io.jcompose.core.JcomposeException;
import java.util.List;

/**
 * The values of {@code --filter NAME=VALUE} for the one name that a command has. Immutable.
 *
 * @param values empty lets everything through
 */
record Filters(List<String> values) {

  /**
   * Takes the options apart.
   *
   * @throws JcomposeException.InvalidArgument for another name
   */
  static Filters parse(List<String> options, String name) {
    for (String option : options) {
      if (!option.startsWith(name + "=")) {
        throw new JcomposeException.InvalidArgument(
            "invalid filter '" + option + "': write " + name + "=VALUE");
      }
    }
    return new Filters(options.stream().map(o -> o.substring(name.length() + 1)).toList());
  }

  /** True when one of the values, a regular expression, is found in the text. */
  boolean find(String text) {
    return values.isEmpty() || values.stream().anyMatch(v -> NamePattern.of(v).isIn(text));
  }
}
