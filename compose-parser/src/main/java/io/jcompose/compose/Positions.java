package io.jcompose.compose;

import io.jcompose.compose.tree.Blame;
import io.jcompose.compose.tree.GoText;
import io.jcompose.compose.tree.Node;
import io.jcompose.compose.tree.Node.ListNode;
import io.jcompose.compose.tree.Node.MapNode;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where the values of a project were written, by path ({@code services.web.ports.[0]}). A value
 * that several files merged has the place of the last one. Immutable to its users.
 */
public final class Positions {
  public static final Positions NONE = new Positions(new MapNode(new SourcePosition("", 0, 0)));

  private final MapNode root;

  public Positions(MapNode root) {
    this.root = root;
  }

  public MapNode root() {
    return root;
  }

  /**
   * The place of the value at {@code path}, or of its nearest parent; null when nothing wrote it.
   */
  public @Nullable SourcePosition of(String path) {
    Node node = root;
    String rest = path;
    while (!rest.isEmpty()) {
      int end = step(node, rest);
      if (end < 0) {
        break;
      }
      node = child(node, rest.substring(0, end));
      rest = end == rest.length() ? "" : rest.substring(end + 1);
    }
    return node == null || node.position.file().isEmpty() ? null : node.position;
  }

  /**
   * The place in the element at {@code path} of the value that a message speaks of, or of the
   * element; null when nothing wrote it.
   *
   * @param message of who knows the value, but not the file
   */
  public @Nullable SourcePosition blamed(String path, String message) {
    int dot = path.indexOf('.');
    Node section = dot < 0 ? null : root.get(path.substring(0, dot));
    Node element = section == null ? null : child(section, path.substring(dot + 1));
    SourcePosition place =
        element instanceof MapNode map
            ? Blame.of(map, message)
            : element == null ? null : element.position;
    return place == null || place.file().isEmpty() ? null : place;
  }

  /**
   * Length of the first step of the path; keys may hold dots, so the longest that exists counts.
   */
  private static int step(@Nullable Node node, String path) {
    for (int end = path.length(); end > 0; end = path.lastIndexOf('.', end - 1)) {
      if (child(node, path.substring(0, end)) != null) {
        return end;
      }
    }
    return -1;
  }

  private static @Nullable Node child(@Nullable Node node, String step) {
    if (node instanceof MapNode map) {
      Map<String, Node> entries = map.entries;
      return entries.get(step);
    }
    if (node instanceof ListNode list && step.startsWith("[") && step.endsWith("]")) {
      Object index = GoText.integer(step.substring(1, step.length() - 1));
      return index instanceof Long i && i >= 0 && i < list.items.size()
          ? list.items.get(i.intValue())
          : null;
    }
    return null;
  }
}
