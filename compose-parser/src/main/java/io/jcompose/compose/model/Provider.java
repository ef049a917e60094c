package io.jcompose.compose.model;

import java.util.List;
import java.util.Map;

/**
 * A service that another program provides.
 *
 * @param type the program or Docker plugin
 */
public record Provider(String type, Map<String, List<String>> options) {
  public Provider {
    options = Copies.ordered(options);
  }
}
