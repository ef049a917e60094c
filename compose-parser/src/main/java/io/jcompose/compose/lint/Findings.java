package io.jcompose.compose.lint;

import io.jcompose.compose.SourcePosition;
import io.jcompose.compose.tree.Node;
import io.jcompose.compose.tree.Node.ListNode;
import io.jcompose.compose.tree.Node.MapNode;
import io.jcompose.compose.tree.Node.Scalar;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What lint found so far, but for what {@code x-lint-ignore} silences: a list of rules at the top
 * of a file, or in a service for that service. Owned by one {@link Lint}.
 */
final class Findings {
  static final String IGNORE = "x-lint-ignore";

  /** How bad it is. */
  enum Level {
    WARNING,
    ERROR;

    String word() {
      return this == ERROR ? "error" : "warning";
    }
  }

  /** Something that was found. */
  record Finding(SourcePosition position, Level level, String rule, String path, String message) {
    @Override
    public String toString() {
      String at = path.isEmpty() ? message : path + ": " + message;
      return position + ": " + level.word() + ": " + rule + ": " + at;
    }
  }

  private final MapNode root;
  private final List<Finding> found = new ArrayList<>();
  private final Map<String, Set<String>> ignored = new LinkedHashMap<>();

  Findings(MapNode root, Map<String, Node> services) {
    this.root = root;
    ignored.put("", rules(root));
    services.forEach(
        (name, node) -> {
          if (node instanceof MapNode service) {
            ignored.put("services." + name, rules(service));
          }
        });
  }

  /** All of them, each once, in order of place. */
  List<Finding> sorted() {
    found.sort(
        Comparator.comparing((Finding finding) -> finding.position().file())
            .thenComparingInt(finding -> finding.position().line())
            .thenComparingInt(finding -> finding.position().column()));
    return List.copyOf(new LinkedHashSet<>(found));
  }

  private static Set<String> rules(MapNode map) {
    Set<String> rules = new LinkedHashSet<>();
    Node list = map.get(IGNORE);
    if (list instanceof ListNode names) {
      names.items.forEach(item -> rules.add(item instanceof Scalar scalar ? scalar.text() : ""));
    } else if (list instanceof Scalar one) {
      rules.add(one.text());
    }
    return rules;
  }

  void warn(@Nullable Node node, String rule, String path, String message) {
    add(place(node), Level.WARNING, rule, path, message);
  }

  void error(@Nullable Node node, String rule, String path, String message) {
    add(place(node), Level.ERROR, rule, path, message);
  }

  private SourcePosition place(@Nullable Node node) {
    return node == null ? root.position : node.position;
  }

  void add(SourcePosition position, Level level, String rule, String path, String message) {
    boolean silenced =
        ignored.entrySet().stream()
            .anyMatch(
                entry ->
                    entry.getValue().contains(rule)
                        && (entry.getKey().isEmpty()
                            || path.equals(entry.getKey())
                            || path.startsWith(entry.getKey() + ".")));
    if (!silenced) {
      found.add(new Finding(position, level, rule, path, message));
    }
  }
}
