package io.jcompose.compose.tree;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The variables that texts name, with their defaults, as {@code config --variables} lists them;
 * those in defaults and messages count too. Collects; not thread-safe.
 */
public final class TemplateVariables {
  private static final int MAX_DEPTH = 100;

  /**
   * A variable.
   *
   * @param defaultValue what stands after {@code :-}, as written
   * @param presenceValue what stands after {@code :+}
   */
  public record Variable(
      String name, String defaultValue, String presenceValue, boolean required) {}

  private final Map<String, Variable> found = new TreeMap<>();

  /** By name, sorted. */
  public Map<String, Variable> found() {
    return found;
  }

  /** Adds the variables of all texts of a tree of maps and lists. */
  public void addAll(@Nullable Object tree) {
    switch (tree) {
      case Map<?, ?> map -> map.values().forEach(this::addAll);
      case List<?> list -> list.forEach(this::addAll);
      case String text -> add(text);
      case null, default -> {}
    }
  }

  /** Adds the variables of a text; what is no valid template adds nothing. */
  void add(String text) {
    add(text, 0);
  }

  private void add(String text, int depth) {
    int i = text.indexOf('$');
    while (i >= 0 && i + 1 < text.length() && depth < MAX_DEPTH) {
      char next = text.charAt(i + 1);
      int end = i + 2;
      if (next == '{') {
        int close = Template.closing(text, i + 2);
        if (close < 0) {
          return;
        }
        braced(text.substring(i + 2, close), depth);
        end = close + 1;
      } else if (Template.startsName(next)) {
        end = Template.nameEnd(text, i + 1);
        put(new Variable(text.substring(i + 1, end), "", "", false));
      } else if (next != '$') {
        end = i + 1;
      }
      i = text.indexOf('$', end);
    }
  }

  private void braced(String body, int depth) {
    int end =
        body.isEmpty() || !Template.startsName(body.charAt(0)) ? 0 : Template.nameEnd(body, 0);
    if (end == 0) {
      return;
    }
    String name = body.substring(0, end);
    int at = end < body.length() && body.charAt(end) == ':' ? end + 1 : end;
    char operator = at < body.length() ? body.charAt(at) : ' ';
    String word = at < body.length() ? body.substring(at + 1) : "";
    put(
        new Variable(
            name, operator == '-' ? word : "", operator == '+' ? word : "", operator == '?'));
    add(word, depth + 1);
  }

  /** A later use tells more only when it has a default or asks for a value. */
  private void put(Variable variable) {
    found.merge(
        variable.name(),
        variable,
        (old, next) ->
            new Variable(
                old.name(),
                old.defaultValue().isEmpty() ? next.defaultValue() : old.defaultValue(),
                old.presenceValue().isEmpty() ? next.presenceValue() : old.presenceValue(),
                old.required() || next.required()));
  }
}
