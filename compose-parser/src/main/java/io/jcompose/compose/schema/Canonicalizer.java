package io.jcompose.compose.schema;

import io.jcompose.compose.schema.Schema.Field;
import io.jcompose.compose.schema.Schema.Kind;
import io.jcompose.compose.schema.Schema.ValueType;
import io.jcompose.compose.tree.Node;
import io.jcompose.compose.tree.Node.ListNode;
import io.jcompose.compose.tree.Node.MapNode;
import io.jcompose.compose.tree.Node.Scalar;
import io.jcompose.compose.tree.Problems;
import io.jcompose.compose.tree.Template;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Checks a document against the schema and brings every short form into its long one. What is wrong
 * is recorded and left out, so that one run finds all problems.
 */
public final class Canonicalizer {
  /** Short forms that can be told apart before their variables have values. */
  private static final Set<String> OPENED = Set.of("build", "device", "mount");

  /** Keys that have their long form in what is not interpolated, too. */
  private static final Set<String> LONG =
      Set.of(
          "additional_contexts",
          "dns",
          "env_file",
          "ignore",
          "include",
          "label_file",
          "path",
          "provenance",
          "sbom");

  private final Schema schema = Schema.COMPOSE;
  private final Facets facets = Facets.COMPOSE;
  private final Problems problems;
  private final Scalars scalars;
  private final ShortForms shortForms;
  private final boolean lenient;

  /**
   * @param lenient leave texts with variables as they are, for a load without interpolation
   */
  public Canonicalizer(Problems problems, boolean lenient) {
    this.problems = problems;
    this.lenient = lenient;
    scalars = new Scalars(problems);
    shortForms = new ShortForms(problems);
  }

  /** The document in canonical form; null when it is no mapping, which is recorded. */
  @Nullable
  public MapNode document(Node root) {
    if (!(root instanceof MapNode map)) {
      problems.error(root.position, "", "Top-level object must be a mapping");
      return null;
    }
    return (MapNode) object(map, new ValueType("root", Kind.OBJECT), "");
  }

  /** The node in canonical form; null when it has no meaning. */
  private @Nullable Node shape(Node node, ValueType type, String path) {
    if (node.directive == Node.Directive.RESET) {
      return node;
    }
    if (node.isUnknown()) {
      problems.leaveOut(path);
      return null;
    }
    Node result = shapeUntagged(node, type, path);
    if (result != null && node.directive == Node.Directive.OVERRIDE) {
      result.directive = node.directive;
    }
    return result;
  }

  private @Nullable Node shapeUntagged(Node node, ValueType type, String path) {
    boolean whole = type.kind() == Kind.SCALAR || type.name().equals("envfile");
    if (lenient && hasVariable(node) && !OPENED.contains(type.name()) && !whole) {
      return node;
    }
    return switch (type.kind()) {
      case SCALAR -> scalar(node, type.name(), path);
      case LIST -> list(node, type, path);
      case MAP -> map(node, type, path);
      case OBJECT -> object(node, type, path);
    };
  }

  /** What is left as it is written must be right all the same. */
  private @Nullable Node scalar(Node node, String type, String path) {
    if (!lenient) {
      return scalars.shape(node, type, path);
    }
    String key = path.substring(path.lastIndexOf('.') + 1);
    if (hasVariable(node) && !type.equals("sol")) {
      return node;
    }
    Node shaped = scalars.shape(node.copy(), type, path);
    if (type.equals("ssh") && shaped instanceof ListNode keys) {
      return Sequences.mapping(keys);
    }
    return shaped == null || (LONG.contains(key) && !type.equals("str")) ? shaped : node;
  }

  private @Nullable Node list(Node node, ValueType type, String path) {
    Node whole = shortForms.wholeList(node, type.name(), path, lenient ? "all" : -1L);
    if (whole.isNull()) {
      return whole;
    }
    if (!(whole instanceof ListNode list)) {
      return wrong(node, path, "must be a array");
    }
    ListNode result = new ListNode(list.position);
    ValueType element = schema.element(type);
    boolean ports = type.name().equals("port");
    boolean left = lenient && ports && list.items.stream().anyMatch(this::hasVariable);
    for (int i = 0; i < list.items.size(); i++) {
      String at = path + ".[" + i + "]";
      if (list.items.get(i).isUnknown()) {
        continue;
      }
      if (left && list.items.get(i) instanceof Scalar) {
        // Docker Compose leaves all short ports alone when it cannot read one.
        result.items.add(list.items.get(i));
        continue;
      }
      for (Node item : shortForms.expand(list.items.get(i), type.name(), at)) {
        Node shaped =
            item.isNull() && item.directive == Node.Directive.NONE
                ? wrong(item, at, "must be a " + Completeness.word(element))
                : shape(item, element, at);
        if (shaped != null) {
          result.items.add(shaped);
        }
      }
    }
    return result;
  }

  private @Nullable Node map(Node node, ValueType type, String path) {
    if (node.isNull()) {
      return node;
    }
    Node whole = shortForms.listAsMap(node, type.name());
    if (!(whole instanceof MapNode map)) {
      boolean listToo = ShortForms.LISTED.contains(type.name());
      return wrong(node, path, "must be a mapping" + (listToo ? " or an array" : ""));
    }
    MapNode result = new MapNode(map.position);
    ValueType element = schema.element(type);
    boolean named = path.indexOf('.') < 0;
    map.entries.forEach(
        (key, value) -> {
          String at = path + "." + key;
          if (named && !isKey(key)) {
            problems.error(
                map.place(key),
                path,
                "Additional property "
                    + key
                    + " is not allowed: a name has letters, digits, '.', '_' and '-' only");
          } else if (!named
              && key.startsWith("x-")
              && !type.name().equals("attachment")
              && !type.name().equals("dependency")) {
            result.entries.put(key, value);
          } else {
            Node shaped = shape(value, element, at);
            if (shaped != null) {
              result.entries.put(key, shaped);
            }
          }
        });
    return result;
  }

  private static boolean isKey(String key) {
    for (int i = 0; i < key.length(); i++) {
      char c = key.charAt(i);
      if (!Template.startsName(c) && !(c >= '0' && c <= '9') && c != '.' && c != '-') {
        return false;
      }
    }
    return !key.isEmpty();
  }

  private @Nullable Node object(Node node, ValueType type, String path) {
    if (node.isNull()) {
      return node;
    }
    if (lenient && type.name().equals("ulimit") && node instanceof Scalar) {
      return scalar(node, "int", path);
    }
    Node expanded = shortForms.object(node, type.name(), path);
    if (expanded == null) {
      return null;
    }
    if (!(expanded instanceof MapNode map)) {
      return wrong(node, path, Completeness.mapping(type));
    }
    MapNode result = new MapNode(map.position);
    Map<String, Field> fields = schema.fields(type.name());
    map.entries.forEach(
        (key, value) -> {
          Field field = fields.get(key);
          if (key.startsWith("x-")) {
            result.entries.put(key, value);
          } else if (field == null) {
            problems.error(map.place(key), path, unknown(key, value, path, fields.keySet()));
          } else {
            boolean both = key.equals("single"); // one number for both limits: no key of the file
            String at = path.isEmpty() ? key : both ? path : path + "." + key;
            Node shaped = shape(value, field.type(), at);
            if (shaped != null && !complains(type.name(), key, value, shaped, at)) {
              result.entries.put(key, shaped);
            }
          }
        });
    return result;
  }

  private static String unknown(String key, Node value, String path, Set<String> known) {
    return "additional properties '"
        + key
        + "' not allowed"
        + (path.isEmpty() && isService(value)
            ? " (services belong below \"services:\")"
            : Problems.suggestion(key, known));
  }

  /** Compose files had their services at the top, once, and tutorials still do. */
  private static boolean isService(Node value) {
    return value instanceof MapNode map
        && (map.entries.containsKey("image") || map.entries.containsKey("build"));
  }

  private boolean complains(String object, String key, Node value, Node shaped, String path) {
    if (lenient && hasVariable(value)) {
      return false;
    }
    Node judged = value instanceof Scalar ? shaped : value;
    String complaint = facets.complaint(object, key, judged);
    if (complaint != null) {
      problems.error(value.position, path, complaint);
    }
    return complaint != null;
  }

  private boolean hasVariable(Node node) {
    return node instanceof Scalar scalar && scalar.text().indexOf('$') >= 0;
  }

  private @Nullable Node wrong(Node node, String path, String message) {
    problems.error(node.position, path, message);
    return null;
  }
}
