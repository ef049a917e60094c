package io.jcompose.compose;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where the values of a project were written, by path ({@code services.web.ports.[0]}). A value
 * that several files merged has the place of the last one. Immutable.
 */
public final class Positions {
  public static final Positions NONE = new Positions(Map.of());

  private final Map<String, SourcePosition> byPath;

  Positions(Map<String, SourcePosition> byPath) {
    this.byPath = byPath;
  }

  /**
   * The place of the value at {@code path}, or of its nearest parent; null when nothing wrote it.
   */
  public @Nullable SourcePosition of(String path) {
    String rest = path;
    while (true) {
      SourcePosition found = byPath.get(rest);
      if (found != null) {
        return found;
      }
      int dot = rest.lastIndexOf('.');
      if (dot < 0) {
        return null;
      }
      rest = rest.substring(0, dot);
    }
  }
}
