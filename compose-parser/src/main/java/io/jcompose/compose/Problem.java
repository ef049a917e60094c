package io.jcompose.compose;

import org.jspecify.annotations.Nullable;

/**
 * Something wrong, or worth a warning, in the input.
 *
 * @param position null when no file is to blame
 * @param path the element, {@code services.web.image}; may be empty
 */
public record Problem(@Nullable SourcePosition position, String path, String message) {
  /** {@code file:line:column: path: message}, without the parts that are not known. */
  @Override
  public String toString() {
    String text = path.isEmpty() ? message : path + ": " + message;
    return position == null ? text : position + ": " + text;
  }
}
