package io.jcompose.build.mount;

import io.jcompose.build.word.WordException;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A {@code --mount} as written.
 *
 * @param raw what follows the {@code =}
 * @param fields its parts between commas, unquoted
 * @param from the stage, named context or image; it has no variables
 */
public record MountFlag(String raw, List<String> fields, @Nullable String from) {
  public MountFlag {
    fields = List.copyOf(fields);
  }

  /**
   * @param raw what follows {@code --mount=}
   * @throws WordException when it has no such form, or {@code from} has a variable
   */
  public static MountFlag parse(String raw) {
    List<String> fields = MountText.split(raw);
    return new MountFlag(raw, fields, MountText.from(fields));
  }

  /** Whether something in it may be a variable, so that only {@link #resolve} finds mistakes. */
  public boolean hasVariables() {
    return raw.indexOf('$') >= 0;
  }

  /**
   * The mount, with each value expanded.
   *
   * @throws WordException for an unknown key, a wrong value, or keys that do not go together
   */
  public RunMount resolve(UnaryOperator<String> expand) {
    return new MountFields(fields, expand).mount();
  }
}
