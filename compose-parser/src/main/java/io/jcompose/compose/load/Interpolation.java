package io.jcompose.compose.load;

import io.jcompose.compose.SourcePosition;
import io.jcompose.compose.tree.Node;
import io.jcompose.compose.tree.Node.ListNode;
import io.jcompose.compose.tree.Node.MapNode;
import io.jcompose.compose.tree.Node.Scalar;
import io.jcompose.compose.tree.Problems;
import io.jcompose.compose.tree.Template;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Puts the environment's values for the variables of a tree. Owned by one {@link Loading}. */
final class Interpolation {
  private final Map<String, String> environment;
  private final Problems problems;
  private final Set<String> unsetWarned = new LinkedHashSet<>();

  Interpolation(Map<String, String> environment, Problems problems) {
    this.environment = environment;
    this.problems = problems;
  }

  /** Substitutes variables in all values; keys stay. */
  Node interpolate(Node node, String path) {
    if (node instanceof MapNode map) {
      map.entries.replaceAll(
          (key, value) -> interpolate(value, path.isEmpty() ? key : path + "." + key));
    } else if (node instanceof ListNode list) {
      list.items.replaceAll(item -> interpolate(item, path + ".[]"));
    } else if (node instanceof Scalar scalar
        && scalar.value instanceof String text
        && text.indexOf('$') >= 0) {
      String value = substitute(text, scalar.position, path);
      Scalar result =
          value == null ? Scalar.unknown(scalar.position) : new Scalar(value, scalar.position);
      result.directive = scalar.directive;
      return result;
    }
    return node;
  }

  /** The text with its variables' values; null when they have none, which is recorded. */
  @Nullable String substitute(String text, SourcePosition position, String path) {
    Template template =
        new Template(
            environment,
            name -> {
              if (unsetWarned.add(name)) {
                problems.warn(
                    position,
                    "",
                    "The \"" + name + "\" variable is not set. Defaulting to a blank string.");
              }
            });
    try {
      String result = template.substitute(text);
      if (problems.trace != null && text.indexOf('$') >= 0) {
        problems.trace.substituted(position, text, environment);
      }
      if (!problems.limits.addCharacters(result.length())) {
        problems.error(position, path, problems.limits.tooManyCharacters());
        return null;
      }
      return result;
    } catch (Template.Invalid e) {
      problems.error(position, "", "error while interpolating " + path + ": " + e.getMessage());
      return null;
    }
  }
}
