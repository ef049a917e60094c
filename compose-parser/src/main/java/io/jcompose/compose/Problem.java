package io.jcompose.compose;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Something wrong, or worth a warning, in the input.
 *
 * @param position null when no file is to blame
 * @param path the element, {@code services.web.image}; may be empty
 * @param chain why the file was read, as {@code included at FILE:LINE:COLUMN}, innermost first;
 *     empty for a file of the request
 */
public record Problem(
    @Nullable SourcePosition position, String path, String message, List<String> chain) {
  public Problem {
    chain = List.copyOf(chain);
  }

  public Problem(@Nullable SourcePosition position, String path, String message) {
    this(position, path, message, List.of());
  }

  /**
   * {@code file:line:column: path: message}, without the parts that are not known, and the chain in
   * lines of its own.
   */
  @Override
  public String toString() {
    String text = path.isEmpty() ? message : path + ": " + message;
    String whole = position == null ? text : position + ": " + text;
    return chain.isEmpty() ? whole : whole + "\n    " + String.join("\n    ", chain);
  }
}
