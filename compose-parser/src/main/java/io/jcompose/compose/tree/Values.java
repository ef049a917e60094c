package io.jcompose.compose.tree;

import io.jcompose.compose.tree.Node.MapNode;
import io.jcompose.compose.tree.Node.Scalar;
import io.jcompose.core.time.GoDuration;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Typed reads of a canonical mapping; the canonical form made sure of the types. */
public record Values(MapNode map) {
  public static Values of(@Nullable Node node, Node owner) {
    return new Values(node instanceof MapNode map ? map : new MapNode(owner.position));
  }

  public boolean has(String key) {
    Node node = map.get(key);
    return node != null && !node.isNull();
  }

  @Nullable
  public Values child(String key) {
    return map.get(key) instanceof MapNode child ? new Values(child) : null;
  }

  public String text(String key) {
    return map.text(key);
  }

  public boolean bool(String key) {
    return map.isTrue(key);
  }

  @Nullable
  public Boolean optionalBool(String key) {
    return (map.get(key) instanceof Scalar scalar && scalar.value instanceof Boolean truth)
        ? truth
        : null;
  }

  public long number(String key) {
    return map.get(key) instanceof Scalar scalar && scalar.value instanceof Number number
        ? number.longValue()
        : 0;
  }

  public double fraction(String key) {
    return map.get(key) instanceof Scalar scalar && scalar.value instanceof Number number
        ? number.doubleValue()
        : 0;
  }

  /** A number of units as billionths. */
  public long nano(String key) {
    return map.get(key) instanceof Scalar scalar
            && scalar.value instanceof Number number
            && Double.isFinite(number.doubleValue())
        ? new BigDecimal(number.toString()).movePointRight(9).longValue()
        : 0;
  }

  @Nullable
  public Integer optionalInt(String key) {
    return map.get(key) instanceof Scalar scalar && scalar.value instanceof Number number
        ? number.intValue()
        : null;
  }

  @Nullable
  public Duration duration(String key) {
    return has(key) ? GoDuration.parseWithDays(text(key)).orElse(null) : null;
  }

  /** Permission bits, kept as a number or as octal text. */
  @Nullable
  public Integer mode(String key) {
    Integer number = optionalInt(key);
    return number == null && has(key) ? Integer.valueOf(Integer.parseInt(text(key), 8)) : number;
  }

  public List<String> texts(String key) {
    List<Node> items = map.list(key);
    if (items.isEmpty()) {
      return List.of();
    }
    List<String> texts = new ArrayList<>(items.size());
    items.forEach(item -> texts.add(item instanceof Scalar scalar ? scalar.text() : ""));
    return texts;
  }

  public List<Values> items(String key) {
    List<Node> items = map.list(key);
    if (items.isEmpty()) {
      return List.of();
    }
    List<Values> all = new ArrayList<>(items.size());
    items.forEach(item -> all.add(of(item, map)));
    return all;
  }

  /** The entries with a value. */
  public Map<String, String> pairs(String key) {
    MapNode pairs = map.map(key);
    if (pairs == null) {
      return Map.of();
    }
    Map<String, String> all = new LinkedHashMap<>();
    pairs.entries.forEach(
        (name, value) -> {
          if (value instanceof Scalar scalar && !value.isNull()) {
            all.put(name, scalar.text());
          }
        });
    return all;
  }

  /** The entries without a value. */
  public List<String> unset(String key) {
    MapNode pairs = map.map(key);
    return pairs == null
        ? List.of()
        : pairs.entries.entrySet().stream()
            .filter(entry -> entry.getValue().isNull())
            .map(Map.Entry::getKey)
            .toList();
  }

  /** The mappings under the key, by name; null values become empty ones. */
  public Map<String, Values> children(String key) {
    MapNode children = map.map(key);
    if (children == null) {
      return Map.of();
    }
    Map<String, Values> all = new LinkedHashMap<>();
    children.entries.forEach(
        (name, value) -> {
          if (!name.startsWith("x-") || value instanceof MapNode) {
            all.put(name, of(value, children));
          }
        });
    return all;
  }

  public Map<String, @Nullable Object> extensions() {
    Map<String, @Nullable Object> all = new LinkedHashMap<>();
    map.entries.forEach(
        (name, value) -> {
          if (name.startsWith("x-")) {
            all.put(name, JsonText.plain(value));
          }
        });
    return all;
  }
}
