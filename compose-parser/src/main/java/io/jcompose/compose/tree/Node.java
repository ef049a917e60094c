package io.jcompose.compose.tree;

import io.jcompose.compose.SourcePosition;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A value of a compose file with the place it was read from. Owned by one load; not thread-safe.
 *
 * <p>What every load passes through asks for the kind by {@code instanceof}: a {@code switch} over
 * types makes its dispatch class anew in each process, which costs a command that lives for 0.1 s
 * more than the load itself.
 */
public abstract sealed class Node {
  /** What a tag asks of merging. */
  public enum Directive {
    NONE,
    RESET,
    OVERRIDE
  }

  public final SourcePosition position;
  public Directive directive = Directive.NONE;

  private Node(SourcePosition position) {
    this.position = position;
  }

  public abstract Node copy();

  /** How many values it holds, itself included. */
  int size() {
    return 1;
  }

  /** What it is, in the words of Docker's messages. */
  public abstract String kind();

  public boolean isNull() {
    return false;
  }

  public boolean isUnknown() {
    return this instanceof Scalar scalar && scalar.unknown;
  }

  /** A mapping, in the file's order. */
  public static final class MapNode extends Node {
    public final Map<String, Node> entries = new LinkedHashMap<>();

    /** Where the keys stand that a file wrote. Shared by copies, not changed after parsing. */
    private Map<String, SourcePosition> keys = Map.of();

    public MapNode(SourcePosition position) {
      super(position);
    }

    void keys(Map<String, SourcePosition> positions) {
      keys = positions;
    }

    /** The place of the key, or else of its value, or else of the mapping. */
    public SourcePosition place(String key) {
      SourcePosition place = keys.get(key);
      Node value = entries.get(key);
      return place != null ? place : value != null ? value.position : position;
    }

    @Nullable
    public Node get(String key) {
      return entries.get(key);
    }

    /** The mapping under the key, or null. */
    @Nullable
    public MapNode map(String key) {
      return entries.get(key) instanceof MapNode map ? map : null;
    }

    /** The sequence under the key, or an empty one. */
    public List<Node> list(String key) {
      return entries.get(key) instanceof ListNode list ? list.items : List.of();
    }

    /** The scalar under the key as text, empty where there is none. */
    public String text(String key) {
      return entries.get(key) instanceof Scalar scalar && scalar.value != null ? scalar.text() : "";
    }

    public boolean isTrue(String key) {
      return entries.get(key) instanceof Scalar scalar && Boolean.TRUE.equals(scalar.value);
    }

    public void put(String key, Object value) {
      entries.put(key, new Scalar(value, position));
    }

    @Override
    public Node copy() {
      MapNode copy = new MapNode(position);
      copy.directive = directive;
      copy.keys = keys;
      entries.forEach((key, value) -> copy.entries.put(key, value.copy()));
      return copy;
    }

    @Override
    public int size() {
      int size = 1;
      for (Node value : entries.values()) {
        size += value.size();
      }
      return size;
    }

    @Override
    public String kind() {
      return "mapping";
    }
  }

  /** A sequence. */
  public static final class ListNode extends Node {
    public final List<Node> items = new ArrayList<>();

    public ListNode(SourcePosition position) {
      super(position);
    }

    public void add(Object value) {
      items.add(new Scalar(value, position));
    }

    @Override
    public Node copy() {
      ListNode copy = new ListNode(position);
      copy.directive = directive;
      items.forEach(item -> copy.items.add(item.copy()));
      return copy;
    }

    @Override
    int size() {
      int size = 1;
      for (Node item : items) {
        size += item.size();
      }
      return size;
    }

    @Override
    public String kind() {
      return "array";
    }
  }

  /** A String, Long, BigInteger, Double, Boolean or null. */
  public static final class Scalar extends Node {
    public final @Nullable Object value;

    /** Whether its variables could not be substituted, which is told: it has no value to judge. */
    final boolean unknown;

    public Scalar(@Nullable Object value, SourcePosition position) {
      this(value, position, false);
    }

    private Scalar(@Nullable Object value, SourcePosition position, boolean unknown) {
      super(position);
      this.value = value;
      this.unknown = unknown;
    }

    public static Scalar unknown(SourcePosition position) {
      return new Scalar("", position, true);
    }

    /** As Go prints it; null is empty. */
    public String text() {
      return value == null
          ? ""
          : value instanceof Double number ? GoText.number(number) : value.toString();
    }

    @Override
    public boolean isNull() {
      return value == null;
    }

    @Override
    public Node copy() {
      Scalar copy = new Scalar(value, position, unknown);
      copy.directive = directive;
      return copy;
    }

    @Override
    public String kind() {
      return value == null
          ? "null"
          : value instanceof String ? "string" : value instanceof Boolean ? "boolean" : "number";
    }
  }
}
