package io.jcompose.compose.schema;

import io.jcompose.compose.tree.Node;
import io.jcompose.compose.tree.Node.ListNode;
import io.jcompose.compose.tree.Node.MapNode;
import io.jcompose.compose.tree.Node.Scalar;
import io.jcompose.compose.tree.Problems;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Writes the short forms of ports, volumes, devices and the like out into mappings. */
final class ShortForms {
  /** What a list of names may stand for. */
  static final Set<String> LISTED = Set.of("dependency", "attachment", "modeluse");

  private final Problems problems;
  private final PortSyntax portSyntax;
  private final MountSyntax mountSyntax;

  ShortForms(Problems problems) {
    this.problems = problems;
    portSyntax = new PortSyntax(problems);
    mountSyntax = new MountSyntax(problems);
  }

  /**
   * A list that a single value may stand for.
   *
   * @param all how many devices all are
   */
  Node wholeList(Node node, String element, String path, Object all) {
    boolean word = element.equals("devreq") && node instanceof Scalar && !node.isNull();
    if (word && node instanceof Scalar scalar) {
      if (!scalar.text().equals("all")) {
        problems.error(node.position, path, "value must be 'all'");
      }
      ListNode list = new ListNode(node.position);
      MapNode request = new MapNode(node.position);
      request.put("count", all);
      list.items.add(request);
      return list;
    }
    if (element.equals("envfile") && !(node instanceof ListNode) && !node.isNull()) {
      ListNode list = new ListNode(node.position);
      list.items.add(node);
      return list;
    }
    return node;
  }

  /** A mapping that a list of keys may stand for. */
  Node listAsMap(Node node, String element) {
    if (!(node instanceof ListNode list) || !LISTED.contains(element)) {
      return node;
    }
    MapNode map = new MapNode(node.position);
    for (Node item : list.items) {
      if (!(item instanceof Scalar scalar) || !(scalar.value instanceof String key)) {
        return node;
      }
      MapNode dependency = new MapNode(item.position);
      dependency.put("condition", "service_started");
      dependency.put("required", true);
      map.entries.put(
          key, element.equals("dependency") ? dependency : new Scalar(null, item.position));
    }
    return map;
  }

  /** A list's item, which stands for several where it names a range of ports. */
  List<Node> expand(Node item, String element, String path) {
    return element.equals("port") && item instanceof Scalar scalar && !item.isNull()
        ? portSyntax.ports(scalar, path)
        : List.of(item);
  }

  /** An object that a scalar may stand for; null when it is wrong, which is recorded. */
  @Nullable Node object(Node node, String type, String path) {
    if (node instanceof MapNode map) {
      return longForm(map, type, path);
    }
    if (!(node instanceof Scalar scalar)) {
      return node;
    }
    String text = scalar.text();
    MapNode map = new MapNode(node.position);
    switch (type) {
      case "build" -> map.put("context", text);
      case "include" -> map.put("path", text);
      case "extends" -> map.put("service", text);
      case "fileref" -> map.put("source", text);
      case "envfile" -> {
        map.put("path", text);
        map.put("required", true);
      }
      case "ulimit" -> map.entries.put("single", scalar);
      case "device" -> device(text, map);
      case "mount" -> {
        return mountSyntax.mount(scalar, map, path);
      }
      default -> {
        return node;
      }
    }
    return map;
  }

  /** Long forms with old spellings or defaults. */
  private Node longForm(MapNode map, String type, String path) {
    switch (type) {
      case "dependency", "envfile" ->
          map.entries.putIfAbsent("required", new Scalar(true, map.position));
      case "port" -> {
        map.entries.putIfAbsent("mode", new Scalar("ingress", map.position));
        map.entries.putIfAbsent("protocol", new Scalar("tcp", map.position));
      }
      case "network", "volume", "config", "secret" -> {
        if (map.get("external") instanceof MapNode old) {
          problems.warn(
              old.position,
              path,
              "external.name is deprecated. Please set name and external: true");
          Node name = old.get("name");
          Node given = name == null ? null : map.entries.putIfAbsent("name", name);
          if (given != null && !map.text("name").equals(old.text("name"))) {
            problems.error(given.position, path, "name and external.name conflict; only use name");
          }
          map.put("external", true);
        }
      }
      default -> {}
    }
    return map;
  }

  private static void device(String text, MapNode map) {
    String[] parts = text.split(":", -1);
    map.put("source", parts[0]);
    map.put("target", parts.length > 1 ? parts[1] : parts[0]);
    map.put("permissions", parts.length > 2 ? parts[2] : "rwm");
  }
}
