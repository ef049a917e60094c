package io.jcompose.build.instruction;

import java.util.List;

/** {@code VOLUME}. */
public record Volume(Place place, String text, List<String> paths) implements Instruction {
  public Volume {
    paths = List.copyOf(paths);
  }
}
