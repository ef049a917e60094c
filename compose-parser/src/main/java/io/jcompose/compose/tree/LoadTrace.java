package io.jcompose.compose.tree;

import io.jcompose.compose.SourcePosition;
import io.jcompose.compose.tree.Node.ListNode;
import io.jcompose.compose.tree.Node.MapNode;
import io.jcompose.compose.tree.Node.Scalar;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a load remembers of the way that values took, for {@code config --explain} and {@code
 * --lint}; other loads have none. Owned by one load.
 */
public final class LoadTrace {
  /** A value that a later file or an extending service replaced. */
  public record Replaced(SourcePosition position, String text) {}

  /** A variable of a text; the value is null when it is not set. */
  public record Use(String name, @Nullable String value) {}

  private record Place(String element, SourcePosition position) {}

  private record Setting(String name, String value) {}

  private final Map<SourcePosition, String> texts = new HashMap<>();
  private final Map<SourcePosition, List<Use>> uses = new HashMap<>();
  private final Map<Setting, SourcePosition> settings = new HashMap<>();
  private final Map<String, List<Replaced>> replaced = new HashMap<>();
  private final Map<Place, Set<String>> ways = new HashMap<>();
  private final Map<String, String> sources = new LinkedHashMap<>();
  private MapNode written = new MapNode(new SourcePosition("", 0, 0));

  /** A file's text was read. */
  public void read(String file, String text) {
    sources.put(file, text);
  }

  /** A document was parsed; nothing is substituted yet. */
  public void parsed(Node node) {
    switch (node) {
      case MapNode map -> map.entries.values().forEach(this::parsed);
      case ListNode list -> list.items.forEach(this::parsed);
      case Scalar scalar -> texts.put(scalar.position, scalar.text());
    }
  }

  /** Variables of the text at the place were substituted. */
  public void substituted(SourcePosition position, String text, Map<String, String> environment) {
    TemplateVariables variables = new TemplateVariables();
    variables.add(text);
    uses.put(
        position,
        variables.found().keySet().stream()
            .map(name -> new Use(name, environment.get(name)))
            .toList());
  }

  /** An env file was read; those of the variables that it names have their values from it. */
  public void envFile(String file, String text, Map<String, String> variables) {
    String[] lines = text.split("\n", -1);
    for (int i = 0; i < lines.length; i++) {
      String line = lines[i].strip();
      String statement = line.startsWith("export ") ? line.substring(7).strip() : line;
      String name = statement.split("[=:]", 2)[0].strip();
      String value = variables.get(name);
      if (value != null) {
        settings.put(new Setting(name, value), new SourcePosition(file, i + 1, 1));
      }
    }
  }

  /** The value at the path gives way to another one. */
  public void replaced(String path, Node old) {
    if (old instanceof Scalar scalar) {
      replaced
          .computeIfAbsent(path, key -> new ArrayList<>())
          .add(new Replaced(old.position, scalar.isNull() ? "null" : scalar.text()));
    } else {
      String text = JsonText.of(old);
      replaced
          .computeIfAbsent(path, key -> new ArrayList<>())
          .add(new Replaced(old.position, text.length() > 60 ? text.substring(0, 60) + "…" : text));
    }
  }

  /** Everything in the tree came into the element ({@code services.web}) this way. */
  public void came(String element, Node tree, String way) {
    ways.computeIfAbsent(new Place(element, tree.position), key -> new LinkedHashSet<>()).add(way);
    switch (tree) {
      case MapNode map -> map.entries.values().forEach(value -> came(element, value, way));
      case ListNode list -> list.items.forEach(item -> came(element, item, way));
      case Scalar scalar -> {}
    }
  }

  /** All is merged; what comes after are defaults. */
  public void merged(MapNode root) {
    written = (MapNode) root.copy();
  }

  /** What the files say, of all profiles, before defaults. */
  public MapNode written() {
    return written;
  }

  /** The files by name, in order of reading. */
  public Map<String, String> sources() {
    return sources;
  }

  /** The text of the scalar that was written at the place; null when none was. */
  @Nullable
  public String text(SourcePosition position) {
    return texts.get(position);
  }

  public List<Use> uses(SourcePosition position) {
    return uses.getOrDefault(position, List.of());
  }

  /** Where an env file gave the variable that value; null when none did. */
  @Nullable
  public SourcePosition setting(String name, String value) {
    return settings.get(new Setting(name, value));
  }

  public List<Replaced> replaced(String path) {
    return replaced.getOrDefault(path, List.of());
  }

  public Set<String> ways(String element, SourcePosition position) {
    return ways.getOrDefault(new Place(element, position), Set.of());
  }
}
