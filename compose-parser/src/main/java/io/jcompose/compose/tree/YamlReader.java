package io.jcompose.compose.tree;

import io.jcompose.compose.SourcePosition;
import io.jcompose.compose.tree.Node.ListNode;
import io.jcompose.compose.tree.Node.MapNode;
import io.jcompose.compose.tree.Node.Scalar;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.events.AliasEvent;
import org.yaml.snakeyaml.events.Event;
import org.yaml.snakeyaml.events.MappingStartEvent;
import org.yaml.snakeyaml.events.ScalarEvent;
import org.yaml.snakeyaml.events.SequenceStartEvent;
import org.yaml.snakeyaml.parser.Parser;
import org.yaml.snakeyaml.parser.ParserImpl;
import org.yaml.snakeyaml.reader.ReaderException;
import org.yaml.snakeyaml.reader.StreamReader;

/**
 * Reads one YAML file as go-yaml v3 does: its scalar types, merge keys, anchors per document. Works
 * on parser events, so that aliases are counted as they are expanded: a small file cannot become a
 * large tree.
 */
public final class YamlReader {
  private static final List<String> TAGS = List.of("!reset", "!override");
  // The engine's threads have stacks of 256 KB.
  private static final int MAX_DEPTH = 100;
  // SnakeYAML's time is quadratic in the length of a line.
  private static final int MAX_LINE = 256 << 10;

  private final String file;
  private final Parser parser;
  private final Problems problems;
  private final Map<String, Node> anchors = new HashMap<>();
  private final Set<String> open = new HashSet<>();
  private @Nullable Mark last;

  private YamlReader(String file, String text, Problems problems) {
    this.file = file;
    this.problems = problems;
    LoaderOptions options = new LoaderOptions();
    options.setCodePointLimit(Integer.MAX_VALUE);
    options.setProcessComments(false);
    parser = new ParserImpl(new StreamReader(text), options);
  }

  /** Thrown to leave a file that cannot be read further; its problem is recorded. */
  private static final class Unreadable extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Unreadable() {
      super(null, null, false, false);
    }
  }

  /** The documents that are not empty; none when the file cannot be read, which is recorded. */
  public static List<Node> read(String file, String text, Problems problems) {
    problems.limits.reads(text.length());
    if (text.length() > problems.limits.maxFileBytes()) {
      problems.error(new SourcePosition(file, 0, 0), "", problems.limits.tooManyCharacters());
      return unreadable(problems);
    }
    int longLine = longLine(text);
    if (longLine > 0) {
      problems.error(
          new SourcePosition(file, longLine, 1),
          "",
          "the line is longer than 256 KiB; write the value on several lines, or keep it in a file");
      return unreadable(problems);
    }
    String body = text.startsWith("\uFEFF") ? text.substring(1) : text;
    YamlReader reader = new YamlReader(file, body, problems);
    try {
      return reader.documents();
    } catch (MarkedYAMLException e) {
      Mark mark = e.getProblemMark();
      SourcePosition place =
          mark == null
              ? new SourcePosition(file, 0, 0)
              : new SourcePosition(file, mark.getLine() + 1, mark.getColumn() + 1);
      String context = e.getContext() == null ? "" : e.getContext() + ": ";
      problems.error(place, "", "yaml: " + context + e.getProblem());
    } catch (ReaderException e) {
      problems.error(
          reader.placeOf(body, e.getPosition()),
          "",
          String.format("yaml: control characters are not allowed: U+%04X", e.getCodePoint()));
    } catch (YAMLException e) {
      problems.error(new SourcePosition(file, 0, 0), "", "yaml: " + e.getMessage());
    } catch (IllegalArgumentException e) {
      // SnakeYAML's scanner lets it out for "\\x" without digits.
      problems.error(
          reader.last == null ? new SourcePosition(file, 1, 1) : reader.place(reader.last),
          "",
          "yaml: invalid escape in a double-quoted text: " + e.getMessage());
    } catch (Unreadable e) {
      return unreadable(problems);
    }
    return unreadable(problems);
  }

  private static List<Node> unreadable(Problems problems) {
    problems.incomplete();
    return List.of();
  }

  /** The first line that is too long, from 1; 0 when there is none. */
  private static int longLine(String text) {
    int line = 1;
    for (int start = 0; text.length() - start > MAX_LINE; line++) {
      int end = text.indexOf('\n', start);
      if ((end < 0 ? text.length() : end) - start > MAX_LINE) {
        return line;
      }
      start = end + 1;
    }
    return 0;
  }

  private SourcePosition placeOf(String text, int codePoints) {
    int end = Math.min(text.length(), Math.max(0, codePoints));
    int start = text.lastIndexOf('\n', end - 1) + 1;
    int line = (int) text.substring(0, end).chars().filter(c -> c == '\n').count() + 1;
    return new SourcePosition(file, line, end - start + 1);
  }

  private Event next() {
    Event event = parser.getEvent();
    last = event.getEndMark();
    return event;
  }

  private List<Node> documents() {
    List<Node> documents = new ArrayList<>();
    while (true) {
      Event event = next();
      if (event.is(Event.ID.StreamEnd)) {
        return documents;
      }
      if (event.is(Event.ID.DocumentStart)) {
        anchors.clear();
        Node root = node(next(), 0);
        if (!root.isNull()) {
          documents.add(root);
        }
      }
    }
  }

  private Node node(Event event, int depth) {
    SourcePosition place = place(event.getStartMark());
    count(place);
    if (depth > MAX_DEPTH) {
      throw unreadable(place, "nested deeper than " + MAX_DEPTH + " levels");
    }
    if (event instanceof AliasEvent alias) {
      return expand(alias.getAnchor(), place);
    } else if (event instanceof ScalarEvent scalar) {
      return remember(scalar.getAnchor(), tagged(scalar(scalar, place), scalar.getTag()));
    } else if (event instanceof MappingStartEvent start) {
      begin(start.getAnchor());
      Node map = tagged(mapping(place, depth), start.getTag());
      return remember(start.getAnchor(), map);
    } else if (event instanceof SequenceStartEvent start) {
      begin(start.getAnchor());
      Node list = tagged(sequence(place, depth), start.getTag());
      return remember(start.getAnchor(), list);
    }
    throw unreadable(place, "unexpected " + event);
  }

  private void begin(@Nullable String anchor) {
    if (anchor != null) {
      open.add(anchor);
    }
  }

  private Node remember(@Nullable String anchor, Node node) {
    if (anchor != null) {
      open.remove(anchor);
      anchors.put(anchor, node);
    }
    return node;
  }

  private Node expand(String anchor, SourcePosition place) {
    if (open.contains(anchor)) {
      throw unreadable(place, "yaml: anchor '" + anchor + "' value contains itself");
    }
    Node target = anchors.get(anchor);
    if (target == null) {
      throw unreadable(place, "yaml: unknown anchor '" + anchor + "' referenced");
    }
    if (!isAffordable(target)) {
      throw unreadable(
          place, "yaml: document contains excessive aliasing: " + problems.limits.tooManyValues());
    }
    return target.copy();
  }

  /** Counts the values and the characters of a tree that is about to be copied. */
  private boolean isAffordable(Node node) {
    return problems.limits.addValues(1)
        && switch (node) {
          case MapNode map -> map.entries.values().stream().allMatch(this::isAffordable);
          case ListNode list -> list.items.stream().allMatch(this::isAffordable);
          case Scalar scalar ->
              !(scalar.value instanceof String text)
                  || problems.limits.addCharacters(text.length());
        };
  }

  private void count(SourcePosition place) {
    if (!problems.limits.addValues(1)) {
      throw unreadable(place, problems.limits.tooManyValues());
    }
  }

  private MapNode mapping(SourcePosition place, int depth) {
    MapNode map = new MapNode(place);
    List<Node> merged = new ArrayList<>();
    Map<String, SourcePosition> seen = new HashMap<>();
    for (Event event = next(); !event.is(Event.ID.MappingEnd); event = next()) {
      SourcePosition at = place(event.getStartMark());
      Node key = node(event, depth + 1);
      boolean merge =
          event instanceof ScalarEvent scalar && scalar.isPlain() && scalar.getValue().equals("<<");
      Node value = node(next(), depth + 1);
      if (merge) {
        merged.add(value);
      } else if (key instanceof Scalar scalar) {
        String name = scalar.text();
        if (scalar.value != null && !(scalar.value instanceof String)) {
          problems.error(at, "", "non-string key: " + name + " (quote it)");
        }
        SourcePosition first = seen.putIfAbsent(name, at);
        if (first != null) {
          problems.error(
              at, "", "mapping key \"" + name + "\" already defined at line " + first.line());
        }
        map.entries.put(name, value);
      } else {
        throw unreadable(at, "non-string key: a " + key.kind());
      }
    }
    map.keys(seen);
    merged.forEach(source -> mergeKey(map, source));
    return map;
  }

  /** YAML 1.1's {@code <<}: keys that the mapping has itself win, then those of earlier sources. */
  private void mergeKey(MapNode map, Node source) {
    switch (source) {
      case MapNode from -> from.entries.forEach(map.entries::putIfAbsent);
      case ListNode list -> list.items.forEach(item -> mergeKey(map, item));
      case Scalar scalar ->
          problems.error(
              scalar.position, "", "map merge requires map or sequence of maps as the value");
    }
  }

  private ListNode sequence(SourcePosition place, int depth) {
    ListNode list = new ListNode(place);
    for (Event event = next(); !event.is(Event.ID.SequenceEnd); event = next()) {
      list.items.add(node(event, depth + 1));
    }
    return list;
  }

  private Scalar scalar(ScalarEvent event, SourcePosition place) {
    String tag = event.getTag();
    boolean ours = "!reset".equals(tag) || "!override".equals(tag);
    boolean text = tag != null && !ours && (tag.endsWith(":str") || tag.equals("!"));
    boolean typed = event.isPlain() && !text;
    if (event.getValue().indexOf('\u0000') >= 0) {
      throw unreadable(place, "a value has a NUL character");
    }
    if (tag != null && tag.endsWith(":null")) {
      return new Scalar(null, place);
    }
    return new Scalar(typed ? GoText.plainScalar(event.getValue()) : event.getValue(), place);
  }

  private Node tagged(Node node, @Nullable String tag) {
    if ("!reset".equals(tag)) {
      node.directive = Node.Directive.RESET;
    } else if ("!override".equals(tag)) {
      node.directive = Node.Directive.OVERRIDE;
    } else if (tag != null && tag.startsWith("!") && tag.length() > 1) {
      problems.warn(
          node.position, "", "unknown tag " + tag + " is ignored" + Problems.suggestion(tag, TAGS));
    }
    return node;
  }

  private SourcePosition place(Mark mark) {
    return new SourcePosition(file, mark.getLine() + 1, mark.getColumn() + 1);
  }

  private Unreadable unreadable(SourcePosition place, String message) {
    problems.error(place, "", message);
    return new Unreadable();
  }
}
