package io.jcompose.compose;

import java.util.List;

/**
 * What {@code config} prints.
 *
 * @param warnings for standard error, a line each
 */
public record ConfigAnswer(String text, List<String> warnings, int exitCode) {
  public ConfigAnswer {
    warnings = List.copyOf(warnings);
  }
}
