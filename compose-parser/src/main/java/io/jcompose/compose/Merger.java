package io.jcompose.compose;

import io.jcompose.compose.Node.Directive;
import io.jcompose.compose.Node.ListNode;
import io.jcompose.compose.Node.MapNode;
import io.jcompose.compose.Node.Scalar;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Merges canonical trees, a later file over an earlier one, by the rules of each attribute. */
final class Merger {
  private static final Directive RESET = Directive.RESET;

  private final Problems problems;

  Merger(Problems problems) {
    this.problems = problems;
  }

  /** Merges {@code over} into {@code base}, which is changed and returned. */
  MapNode merge(MapNode base, MapNode over, String path) {
    over.entries.forEach(
        (key, value) -> {
          Node old = base.entries.get(key);
          String at = path.isEmpty() ? key : path + "." + key;
          Node merged = value.directive == RESET ? null : merge(old, value, key, at, path);
          if (merged == null) {
            base.entries.remove(key);
          } else {
            base.entries.put(key, merged);
          }
        });
    return base;
  }

  private Node merge(@Nullable Node old, Node value, String key, String at, String parent) {
    if (problems.trace != null && old != null && isReplaced(old, value, key, at, parent)) {
      problems.trace.replaced(at, old);
    }
    if (old == null || value.directive == Directive.OVERRIDE) {
      return stripped(value, key, at);
    }
    boolean replaces =
        key.equals("command") || key.equals("entrypoint") || at.endsWith("healthcheck.test");
    if (replaces && isService(parent, at)) {
      return value;
    }
    if (value.isNull()) {
      return isPairs(parent) ? value : old;
    }
    if (old.isNull()) {
      return stripped(value, key, at);
    }
    if (old instanceof MapNode a && value instanceof MapNode b) {
      if (parent.endsWith(".ulimits") || (key.equals("logging") && !sameDriver(a, b))) {
        return b;
      }
      return merge(a, b, at);
    }
    if (old instanceof ListNode a && value instanceof ListNode b) {
      if (parent.endsWith(".provider.options")) {
        return value;
      }
      ListNode all = new ListNode(b.position);
      all.items.addAll(a.items);
      all.items.addAll(b.items);
      return at.endsWith("ipam.config") ? pools(all, at) : unique(all, key);
    }
    if (old instanceof Scalar && value instanceof Scalar) {
      return value;
    }
    problems.error(
        value.position, at, "cannot override " + at + ": " + old.kind() + " by " + value.kind());
    return old;
  }

  private static boolean isReplaced(Node old, Node value, String key, String at, String parent) {
    boolean command = key.equals("command") || key.equals("entrypoint") || key.equals("test");
    return value.directive == Directive.OVERRIDE
        || (command && isService(parent, at))
        || (old instanceof Scalar && !value.isNull());
  }

  private static boolean isService(String parent, String at) {
    return parent.startsWith("services.")
        && (parent.indexOf('.', 9) < 0 || at.endsWith(".healthcheck.test"));
  }

  private static boolean isPairs(String parent) {
    return parent.endsWith(".environment")
        || parent.endsWith(".labels")
        || parent.endsWith(".args")
        || parent.endsWith(".sysctls")
        || parent.endsWith(".annotations");
  }

  private static boolean sameDriver(MapNode a, MapNode b) {
    return a.text("driver").isEmpty()
        || b.text("driver").isEmpty()
        || a.text("driver").equals(b.text("driver"));
  }

  private ListNode pools(ListNode all, String at) {
    Map<String, Node> bySubnet = new LinkedHashMap<>();
    for (Node item : all.items) {
      String subnet = item instanceof MapNode map ? map.text("subnet") : "";
      if (item instanceof MapNode map && bySubnet.get(subnet) instanceof MapNode old) {
        merge(old, map, at);
      } else {
        bySubnet.put(subnet, item);
      }
    }
    all.items.clear();
    all.items.addAll(bySubnet.values());
    return all;
  }

  /** Takes what only means something to merging out of a tree that nothing is merged with. */
  private Node stripped(Node node, String key, String at) {
    node.directive = Directive.NONE;
    if (node instanceof MapNode map) {
      for (Iterator<Map.Entry<String, Node>> all = map.entries.entrySet().iterator();
          all.hasNext(); ) {
        Map.Entry<String, Node> entry = all.next();
        if (entry.getValue().directive == RESET) {
          all.remove();
        } else {
          entry.setValue(stripped(entry.getValue(), entry.getKey(), at));
        }
      }
    } else if (node instanceof ListNode list) {
      list.items.removeIf(item -> item.directive == RESET);
      return unique(list, key);
    }
    return node;
  }

  /** Drops all but the last of the items that mean the same. */
  private static ListNode unique(ListNode list, String key) {
    Map<String, Node> byKey = LinkedHashMap.newLinkedHashMap(list.items.size());
    List<Node> items = new ArrayList<>(list.items);
    for (int i = 0; i < items.size(); i++) {
      String identity = identity(items.get(i), key);
      byKey.put(identity == null ? "#" + i : identity, items.get(i));
    }
    list.items.clear();
    list.items.addAll(byKey.values());
    return list;
  }

  private static @Nullable String identity(Node item, String key) {
    if (item instanceof MapNode map) {
      return switch (key) {
        case "ports" ->
            map.text("host_ip")
                + ":"
                + map.text("published")
                + ":"
                + map.text("target")
                + "/"
                + map.text("protocol");
        case "volumes" -> "=" + MountSyntax.clean(map.text("target"));
        case "devices" -> map.entries.containsKey("source") ? "=" + map.text("target") : null;
        case "configs", "secrets" -> {
          String target = map.text("target").isEmpty() ? map.text("source") : map.text("target");
          yield target.startsWith("/run/secrets/") && key.equals("secrets")
              ? target.substring(13)
              : target;
        }
        case "env_file" -> "=" + map.text("path");
        default -> null;
      };
    } else if (item instanceof Scalar scalar) {
      return switch (key) {
        case "expose",
            "dns",
            "dns_search",
            "dns_opt",
            "extra_hosts",
            "external_links",
            "group_add",
            "security_opt",
            "device_cgroup_rules",
            "volumes_from",
            "env_file",
            "label_file" ->
            "=" + scalar.text();
        case "cap_add", "cap_drop", "links", "profiles", "aliases", "link_local_ips", "tags" -> {
          String text = scalar.text();
          yield "=" + (text.indexOf('=') < 0 ? text : text.substring(0, text.indexOf('=')));
        }
        case "tmpfs" -> "=" + scalar.text().split(":", 2)[0];
        default -> null;
      };
    }
    return null;
  }
}
