package io.jcompose.compose.load;

import io.jcompose.compose.schema.MountSyntax;
import io.jcompose.compose.schema.Schema;
import io.jcompose.compose.schema.Schema.Field;
import io.jcompose.compose.schema.Schema.Kind;
import io.jcompose.compose.schema.Schema.ValueType;
import io.jcompose.compose.schema.Sequences;
import io.jcompose.compose.tree.Node;
import io.jcompose.compose.tree.Node.Directive;
import io.jcompose.compose.tree.Node.ListNode;
import io.jcompose.compose.tree.Node.MapNode;
import io.jcompose.compose.tree.Node.Scalar;
import io.jcompose.compose.tree.Problems;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Merges canonical trees, a later file over an earlier one, by the rules of each attribute. */
final class Merger {
  private static final Directive RESET = Directive.RESET;

  /** What no rule of the schema reaches: {@code x-…} keys and all below them. */
  private static final ValueType FREE = new ValueType("", Kind.SCALAR);

  private final Schema schema = Schema.COMPOSE;
  private final Problems problems;
  private final boolean keepsDirectives;
  private final boolean raw;

  /**
   * @param keepsDirectives leave what asks to reset or to override in the result, for a merge that
   *     comes later
   * @param raw pairs and texts are as their files have them: two become one list, as with Docker
   *     Compose
   */
  Merger(Problems problems, boolean keepsDirectives, boolean raw) {
    this.problems = problems;
    this.keepsDirectives = keepsDirectives;
    this.raw = raw;
  }

  /**
   * Merges {@code over} into {@code base}, which is changed and returned.
   *
   * @param object what of the schema both are: {@code root} or {@code service}
   */
  MapNode merge(MapNode base, MapNode over, String object, String path) {
    return merge(base, over, new ValueType(object, Kind.OBJECT), path);
  }

  private MapNode merge(MapNode base, MapNode over, ValueType type, String path) {
    over.entries.forEach(
        (key, value) -> {
          Node old = base.entries.get(key);
          String at = path.isEmpty() ? key : path + "." + key;
          Slot slot = new Slot(type, child(type, key), key, at);
          Node merged =
              value.directive == RESET && !keepsDirectives ? null : merge(old, value, slot);
          if (merged == null) {
            base.entries.remove(key);
          } else {
            base.entries.put(key, merged);
          }
        });
    return base;
  }

  /**
   * A place in the tree.
   *
   * @param owner the type of the mapping that the value is in
   * @param type the value's own
   */
  private record Slot(ValueType owner, ValueType type, String key, String at) {
    /** Whether it is that key of that object of the schema. */
    boolean is(String object, String name) {
      return owner.kind() == Kind.OBJECT && owner.name().equals(object) && key.equals(name);
    }

    boolean isCommand() {
      return is("service", "command") || is("service", "entrypoint") || is("healthcheck", "test");
    }

    boolean isOneOfPairs() {
      return owner.kind() == Kind.SCALAR
          && (owner.name().equals("kv") || owner.name().equals("lab"));
    }

    /** Whether it is a list, or what may be written as one. */
    boolean isSequence() {
      return type.kind() == Kind.SCALAR
          && Sequences.TYPES.contains(type.name())
          && !key.equals("additional_contexts");
    }

    boolean isFree() {
      return type.equals(FREE);
    }
  }

  private ValueType child(ValueType type, String key) {
    return switch (type.kind()) {
      case OBJECT -> {
        Field field = schema.field(type, key);
        yield field == null ? FREE : field.type();
      }
      case MAP -> schema.element(type);
      case LIST, SCALAR -> FREE;
    };
  }

  private Node merge(@Nullable Node old, Node value, Slot slot) {
    if (problems.trace != null && old != null && isReplaced(old, value, slot)) {
      problems.trace.replaced(slot.at, old);
    }
    if (keepsDirectives && (old == null || value.directive != Directive.NONE)) {
      return value;
    }
    if (old == null || value.directive == Directive.OVERRIDE) {
      return stripped(value, slot.owner, slot.type, slot.key);
    }
    if (slot.isCommand()) {
      return value;
    }
    if (raw && slot.isSequence() && !(old.isNull() && value.isNull())) {
      ListNode over = Sequences.of(value);
      ListNode rest = Sequences.without(Sequences.of(old), over);
      rest.directive = old.directive;
      return joined(rest, over, slot);
    }
    if (value.isNull()) {
      return slot.isOneOfPairs() ? value : old;
    }
    if (old.isNull()) {
      return stripped(value, slot.owner, slot.type, slot.key);
    }
    if (slot.type.name().equals("ulimit") && slot.type.kind() == Kind.OBJECT) {
      return value;
    }
    if (old instanceof MapNode a && value instanceof MapNode b) {
      boolean replaces = slot.is("service", "logging") && !sameDriver(a, b);
      return replaces ? b : merge(a, b, slot.type, slot.at);
    }
    if (old instanceof ListNode a && value instanceof ListNode b) {
      return slot.owner.name().equals("provopts") ? value : joined(a, b, slot);
    }
    if (old instanceof Scalar && (slot.isFree() || value instanceof Scalar)) {
      return stripped(value, slot.owner, slot.type, slot.key);
    }
    problems.error(
        value.position,
        slot.at,
        "cannot override " + slot.at + ": " + old.kind() + " by " + value.kind());
    return old;
  }

  private ListNode joined(ListNode first, ListNode second, Slot slot) {
    ListNode all = new ListNode(second.position);
    all.directive = keepsDirectives ? first.directive : Directive.NONE;
    all.items.addAll(first.items);
    all.items.addAll(second.items);
    if (raw && !keepsDirectives) {
      all.items.removeIf(item -> item.directive == RESET);
    }
    return slot.is("ipam", "config")
        ? pools(all, schema.element(slot.type), slot.at)
        : unique(all, slot.owner, slot.key);
  }

  private static boolean isReplaced(Node old, Node value, Slot slot) {
    return value.directive == Directive.OVERRIDE
        || slot.isCommand()
        || (old instanceof Scalar && !value.isNull());
  }

  private static boolean sameDriver(MapNode a, MapNode b) {
    return a.text("driver").isEmpty()
        || b.text("driver").isEmpty()
        || a.text("driver").equals(b.text("driver"));
  }

  private ListNode pools(ListNode all, ValueType pool, String at) {
    Map<String, Node> bySubnet = new LinkedHashMap<>();
    for (Node item : all.items) {
      String subnet = item instanceof MapNode map ? map.text("subnet") : "";
      if (item instanceof MapNode map && bySubnet.get(subnet) instanceof MapNode old) {
        merge(old, map, pool, at);
      } else {
        bySubnet.put(subnet, item);
      }
    }
    all.items.clear();
    all.items.addAll(bySubnet.values());
    return all;
  }

  /** Takes what only means something to merging out of a tree that nothing is merged with. */
  private Node stripped(Node node, ValueType owner, ValueType type, String key) {
    node.directive = Directive.NONE;
    if (node instanceof MapNode map) {
      for (Iterator<Map.Entry<String, Node>> all = map.entries.entrySet().iterator();
          all.hasNext(); ) {
        Map.Entry<String, Node> entry = all.next();
        String name = entry.getKey();
        if (entry.getValue().directive == RESET) {
          all.remove();
        } else {
          entry.setValue(stripped(entry.getValue(), type, child(type, name), name));
        }
      }
    } else if (node instanceof ListNode list) {
      list.items.removeIf(item -> item.directive == RESET);
      return unique(list, owner, key);
    }
    return node;
  }

  /** Drops all but the last of the items that mean the same; only the schema's lists have them. */
  private static ListNode unique(ListNode list, ValueType owner, String key) {
    if (owner.kind() != Kind.OBJECT) {
      return list;
    }
    Map<String, Node> byKey = LinkedHashMap.newLinkedHashMap(list.items.size());
    List<Node> items = new ArrayList<>(list.items);
    for (int i = 0; i < items.size(); i++) {
      String identity = identity(items.get(i), owner, key);
      byKey.put(identity == null ? "#" + i : identity, items.get(i));
    }
    list.items.clear();
    list.items.addAll(byKey.values());
    return list;
  }

  private static @Nullable String identity(Node item, ValueType owner, String key) {
    boolean service = owner.name().equals("service");
    if (item instanceof MapNode map) {
      return service ? identity(map, key) : null;
    }
    if (!(item instanceof Scalar scalar)) {
      return null;
    }
    boolean free = Set.of("attachment", "build", "deploy").contains(owner.name());
    return service || free ? identity(scalar, key) : null;
  }

  private static @Nullable String identity(MapNode map, String key) {
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
  }

  private static @Nullable String identity(Scalar scalar, String key) {
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
          "env_file" ->
          "=" + scalar.text();
      case "cap_add",
          "cap_drop",
          "links",
          "profiles",
          "aliases",
          "link_local_ips",
          "tags",
          "environment",
          "labels",
          "annotations",
          "args",
          "sysctls" -> {
        String text = scalar.text();
        yield "=" + (text.indexOf('=') < 0 ? text : text.substring(0, text.indexOf('=')));
      }
      case "tmpfs" -> "=" + scalar.text().split(":", 2)[0];
      default -> null;
    };
  }
}
