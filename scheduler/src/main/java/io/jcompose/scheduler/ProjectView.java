package io.jcompose.scheduler;

import java.util.List;

/**
 * A project as {@code ls} lists it.
 *
 * @param status Docker's words: {@code running(2)}, {@code exited(1), running(3)}
 * @param configFiles absolute paths; may be empty
 */
public record ProjectView(String name, String status, List<String> configFiles) {
  public ProjectView {
    configFiles = List.copyOf(configFiles);
  }
}
