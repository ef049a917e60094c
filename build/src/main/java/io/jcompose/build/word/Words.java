package io.jcompose.build.word;

import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads words as a Dockerfile has them: single and double quotes, the escape character, {@code
 * $name} and {@code ${name}} with the operators {@code :- - :+ + :? ? # ## % %% / //}. A name that
 * the lookup answers with null is unset; it expands to nothing. Takes time in proportion to its
 * input and the results; what would grow beyond a million characters is refused.
 *
 * @param escape the Dockerfile's escape character, {@code \} or {@code `}
 */
public record Words(char escape) {

  /**
   * One word, with its spaces kept; quotes and escapes are gone from it.
   *
   * @throws WordException when it is no word: {@code failed to process "${x": syntax error: missing
   *     '}'}
   */
  public String expand(String raw, Function<String, @Nullable String> lookup) {
    return new Expansion(raw, escape, Expansion.Quotes.REMOVED, lookup).run().result();
  }

  /**
   * The words between white space, where a variable's value may be several of them.
   *
   * @throws WordException as {@link #expand}
   */
  public List<String> split(String raw, Function<String, @Nullable String> lookup) {
    return new Expansion(raw, escape, Expansion.Quotes.REMOVED, lookup).run().words();
  }

  /**
   * A here-document's lines: quotes are characters like others.
   *
   * @throws WordException as {@link #expand}
   */
  public String expandText(String raw, Function<String, @Nullable String> lookup) {
    return new Expansion(raw, escape, Expansion.Quotes.PLAIN, lookup).run().result();
  }

  /**
   * The words between white space, with their quotes, escapes and variables as they are.
   *
   * @throws WordException as {@link #expand}
   */
  public List<String> splitRaw(String raw) {
    return new Expansion(raw, escape, Expansion.Quotes.KEPT, name -> null).run().words();
  }
}
