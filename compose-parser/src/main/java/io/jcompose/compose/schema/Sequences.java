package io.jcompose.compose.schema;

import io.jcompose.compose.tree.Node;
import io.jcompose.compose.tree.Node.ListNode;
import io.jcompose.compose.tree.Node.MapNode;
import io.jcompose.compose.tree.Node.Scalar;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;

/** Pairs and texts as the lists that Docker Compose makes of them to merge what it leaves raw. */
public final class Sequences {
  /** The schema's types of what may be a list, a mapping or a text. */
  public static final Set<String> TYPES = Set.of("kv", "lab", "hosts", "sol");

  private Sequences() {}

  /** {@code K=V} of a mapping, sorted by keys; a list as it is; one text as a list of it. */
  public static ListNode of(Node node) {
    if (node instanceof ListNode list) {
      return list;
    }
    ListNode result = new ListNode(node.position);
    if (node instanceof MapNode map) {
      new TreeMap<>(map.entries).forEach((key, value) -> add(result, key, value));
    } else if (!node.isNull()) {
      result.items.add(node);
    }
    return result;
  }

  private static void add(ListNode result, String key, Node value) {
    List<Node> values = value instanceof ListNode list ? list.items : List.of(value);
    for (Node item : values) {
      String text = item instanceof Scalar scalar && !item.isNull() ? "=" + scalar.text() : "";
      Scalar pair = new Scalar(key + text, item.position);
      pair.directive = item.directive;
      result.items.add(pair);
    }
  }

  /** The list without the pairs that another one resets. */
  public static ListNode without(ListNode list, ListNode over) {
    Set<String> reset = new HashSet<>();
    for (Node item : over.items) {
      if (item.directive == Node.Directive.RESET) {
        reset.add(key(item));
      }
    }
    if (reset.isEmpty()) {
      return list;
    }
    ListNode kept = new ListNode(list.position);
    list.items.stream().filter(item -> !reset.contains(key(item))).forEach(kept.items::add);
    return kept;
  }

  private static String key(Node item) {
    String text = item instanceof Scalar scalar ? scalar.text() : "";
    int equals = text.indexOf('=');
    return equals < 0 ? text : text.substring(0, equals);
  }

  /** The mapping that a list of {@code K=V} stands for; what has no value has null. */
  static MapNode mapping(ListNode list) {
    MapNode map = new MapNode(list.position);
    for (Node item : list.items) {
      String text = item instanceof Scalar scalar ? scalar.text() : "";
      int equals = text.indexOf('=');
      map.entries.put(
          key(item), new Scalar(equals < 0 ? null : text.substring(equals + 1), item.position));
    }
    return map;
  }
}
