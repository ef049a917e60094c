package io.jcompose.build.instruction;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code ARG}. */
public record Arg(Place place, String text, List<Entry> entries) implements Instruction {
  public Arg {
    entries = List.copyOf(entries);
  }

  /**
   * A name with its default.
   *
   * @param value as written, quotes included; null without a default, which is not an empty one
   */
  public record Entry(String name, @Nullable String value) {}
}
