package io.jcompose.compose.config;

import io.jcompose.compose.SourcePosition;
import io.jcompose.compose.model.Project;
import io.jcompose.compose.tree.GoText;
import io.jcompose.compose.tree.LoadTrace;
import io.jcompose.compose.tree.Node;
import io.jcompose.compose.tree.Node.ListNode;
import io.jcompose.compose.tree.Node.MapNode;
import io.jcompose.compose.tree.Node.Scalar;
import io.jcompose.compose.tree.Problems;
import io.jcompose.core.JcomposeException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Tells where the values of a loaded project come from, a line each: {@code file:line:column: path:
 * value (how it came to be)}; what no file says has {@code default} as its place.
 */
public final class Explanation {
  private final Project project;
  private final MapNode root;
  private final LoadTrace trace;
  private final Map<String, String> callers;
  private final StringBuilder out = new StringBuilder();

  /**
   * @param callers the environment of the caller, without env files
   */
  public Explanation(Project project, LoadTrace trace, Map<String, String> callers) {
    this.project = project;
    this.root = project.positions().root();
    this.trace = trace;
    this.callers = callers;
  }

  /**
   * The lines for a path and all below it; {@code .} is everything, and a service needs no {@code
   * services.} before it.
   *
   * @throws JcomposeException.NotFound when the project has no such value
   */
  public String of(String asked) {
    String path = asked.replace(".[", "[").replace("[", ".[");
    if (path.isEmpty() || path.equals(".")) {
      explain(root, trace.written(), "");
      return out.toString();
    }
    for (String candidate : List.of(path, "services." + path)) {
      Node node = find(root, candidate);
      if (node != null) {
        explain(node, find(trace.written(), candidate), candidate.replace(".[", "["));
        return out.toString();
      }
    }
    throw new JcomposeException.NotFound(
        "nothing in project " + project.name() + " is called " + asked + suggestion(path));
  }

  /** The path that was likely meant: the longest part that exists, and the nearest key below it. */
  private String suggestion(String path) {
    String known = path.startsWith("services.") || root.get(first(path)) != null ? "" : "services.";
    String rest = path;
    Node node = known.isEmpty() ? root : root.map("services");
    while (node instanceof MapNode map) {
      Node child = map.get(first(rest));
      if (child == null) {
        Set<String> paths = new TreeSet<>();
        for (String key : map.entries.keySet()) {
          paths.add(known + key);
        }
        return Problems.suggestion(known + first(rest), paths);
      }
      known += first(rest) + ".";
      rest = rest.substring(Math.min(rest.length(), first(rest).length() + 1));
      node = child;
    }
    return "";
  }

  private static String first(String path) {
    int dot = path.indexOf('.');
    return dot < 0 ? path : path.substring(0, dot);
  }

  /** The node at a path; keys may hold dots, so the longest that exists counts. */
  private static @Nullable Node find(@Nullable Node node, String path) {
    if (node == null || path.isEmpty()) {
      return node;
    }
    for (int end = path.length(); end > 0; end = path.lastIndexOf('.', end - 1)) {
      Node child = child(node, path.substring(0, end));
      Node found =
          child == null ? null : find(child, path.substring(Math.min(end + 1, path.length())));
      if (found != null) {
        return found;
      }
    }
    return null;
  }

  private static @Nullable Node child(@Nullable Node node, String step) {
    if (node instanceof MapNode map) {
      return map.get(step);
    }
    if (node instanceof ListNode list && step.startsWith("[") && step.endsWith("]")) {
      Object index = GoText.integer(step.substring(1, step.length() - 1));
      return index instanceof Long i && i >= 0 && i < list.items.size()
          ? list.items.get(i.intValue())
          : null;
    }
    return null;
  }

  private void explain(Node node, @Nullable Node written, String path) {
    switch (node) {
      case MapNode map when !map.entries.isEmpty() ->
          map.entries.forEach(
              (key, value) ->
                  explain(value, child(written, key), path.isEmpty() ? key : path + "." + key));
      case ListNode list when !list.items.isEmpty() -> {
        for (int i = 0; i < list.items.size(); i++) {
          String step = "[" + i + "]";
          Node item = list.items.get(i);
          explain(item, child(written, step), path + step);
        }
      }
      case MapNode map -> line(map, "{}", written, path);
      case ListNode list -> line(list, "[]", written, path);
      case Scalar scalar -> line(scalar, scalar.isNull() ? "null" : scalar.text(), written, path);
    }
  }

  private void line(Node node, String value, @Nullable Node written, String path) {
    List<String> notes = new ArrayList<>();
    String place =
        written == null ? unwritten(node, value, path, notes) : written(node, value, path, notes);
    String shown = value.indexOf('\n') < 0 ? value : value.replace("\n", "\\n");
    out.append(place).append(": ").append(path).append(": ").append(shown);
    if (!notes.isEmpty()) {
      out.append(" (").append(String.join("; ", notes)).append(')');
    }
    out.append('\n');
  }

  private String written(Node node, String value, String path, List<String> notes) {
    SourcePosition position = node.position;
    String text = trace.text(position);
    if (text == null && node instanceof Scalar && !isVariable(path)) {
      notes.add("default");
    }
    if (text != null && !text.isEmpty() && !text.equals(value)) {
      notes.add("written as \"" + text + "\"");
    }
    for (LoadTrace.Use use : trace.uses(position)) {
      notes.add(
          use.value() == null
              ? use.name() + " is not set"
              : use.name() + "=" + use.value() + " from " + source(use.name(), use.value()));
    }
    String key = path.substring(path.lastIndexOf('.') + 1);
    boolean bare = text != null && (text.isEmpty() || text.equals(key)) && !text.equals(value);
    if (bare && isVariable(path) && project.environment().containsKey(key)) {
      notes.add("its value from " + source(key, value));
    }
    for (LoadTrace.Replaced old : trace.replaced(path)) {
      notes.add("replaces " + old.text() + " of " + old.position());
    }
    notes.addAll(trace.ways(element(path), position));
    return position.file().isEmpty() ? "default" : position.toString();
  }

  private String unwritten(Node node, String value, String path, List<String> notes) {
    String key = path.substring(path.lastIndexOf('.') + 1);
    SourcePosition setting = trace.setting(key, value);
    if (setting != null && isVariable(path)) {
      return setting.toString();
    }
    String text = trace.text(node.position);
    if (path.equals("name")) {
      return nameSource(value);
    }
    if (text != null) {
      notes.add("implied by \"" + text + "\" at " + node.position);
    }
    return "default";
  }

  private String nameSource(String value) {
    String variable = callers.getOrDefault("COMPOSE_PROJECT_NAME", "");
    SourcePosition setting = trace.setting("COMPOSE_PROJECT_NAME", value);
    Node given = trace.written().get("name");
    if (variable.equals(value)) {
      return "COMPOSE_PROJECT_NAME";
    }
    return setting != null
        ? setting.toString()
        : given != null && !given.position.file().isEmpty() ? given.position.toString() : "default";
  }

  private static boolean isVariable(String path) {
    return path.contains(".environment.") || path.contains(".args.") || path.contains(".labels.");
  }

  private String source(String name, String value) {
    if (value.equals(callers.get(name))) {
      return "the environment";
    }
    SourcePosition setting = trace.setting(name, value);
    return setting == null ? "the project" : setting.toString();
  }

  private static String element(String path) {
    int first = path.indexOf('.');
    int second = path.indexOf('.', first + 1);
    int bracket = path.indexOf('[');
    int end = second < 0 ? path.length() : second;
    return path.substring(0, bracket > 0 ? Math.min(bracket, end) : end);
  }
}
