package io.jcompose.compose;

import io.jcompose.compose.source.Dotenv;
import io.jcompose.core.JcomposeException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The text of an env file that a command was given beside its compose files. */
public final class EnvText {
  private EnvText() {}

  /**
   * Its variables as {@code KEY=value}, with quotes and substitution as in {@code env_file}.
   *
   * @param env what substitution sees first
   * @throws JcomposeException.InvalidArgument naming the line
   */
  public static List<String> quoted(String text, Map<String, String> env) {
    Map<String, String> found = new LinkedHashMap<>();
    try {
      Dotenv.parse(text, found, env::get, (name, line) -> {});
    } catch (Dotenv.Invalid e) {
      throw invalid(e);
    }
    return pairs(found);
  }

  /**
   * The same of a file as {@code docker exec --env-file} takes it: no quotes; a name alone has its
   * value from {@code env}, or is left out.
   *
   * @throws JcomposeException.InvalidArgument naming the line
   */
  public static List<String> raw(String text, Map<String, String> env) {
    Map<String, String> found = new LinkedHashMap<>();
    try {
      Dotenv.parseRaw(text, found, env::get);
    } catch (Dotenv.Invalid e) {
      throw invalid(e);
    }
    return pairs(found);
  }

  private static List<String> pairs(Map<String, String> found) {
    return found.entrySet().stream().map(e -> e.getKey() + "=" + e.getValue()).toList();
  }

  private static JcomposeException invalid(Dotenv.Invalid e) {
    return new JcomposeException.InvalidArgument(
        "line " + e.line() + " of an env file: " + e.getMessage(), e);
  }
}
