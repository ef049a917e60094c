package io.jcompose.build.instruction;

import java.util.List;

/** {@code EXPOSE}; a word may become several when it is expanded. */
public record Expose(Place place, String text, List<String> ports) implements Instruction {
  public Expose {
    ports = List.copyOf(ports);
  }
}
