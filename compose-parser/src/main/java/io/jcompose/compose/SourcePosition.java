package io.jcompose.compose;

/**
 * A place in a compose, env or label file; line and column count from 1, 0 where unknown.
 *
 * @param file the file as the user named it, {@code -} for standard input
 */
public record SourcePosition(String file, int line, int column) {
  @Override
  public String toString() {
    return line == 0 ? file : file + ":" + line + ":" + column;
  }
}
