package io.jcompose.api.docker.create;

import io.jcompose.api.docker.call.Refusal;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a client's document has where it may have left it out, by Go's rules: nothing is the empty
 * value. A null in a list or map, and a byte that no path, name or variable can have, are refused.
 */
public final class Given {
  private Given() {}

  /** A text; empty for none. */
  public static String text(@Nullable String given) {
    if (given == null) {
      return "";
    }
    if (given.indexOf('\0') >= 0) {
      throw new Refusal(400, "invalid JSON: a text has a zero byte");
    }
    if (given.chars().anyMatch(c -> c >= 0xd800 && c < 0xe000)
        && given.codePoints().anyMatch(c -> c >= 0xd800 && c < 0xe000)) {
      throw new Refusal(400, "invalid JSON: a text has half a character");
    }
    return given;
  }

  /** Words; none for null. */
  public static List<String> texts(@Nullable Collection<String> given) {
    if (given == null) {
      return List.of();
    }
    return given.stream().map(Given::member).map(Given::text).toList();
  }

  /** Texts by name; none for null. */
  public static Map<String, String> pairs(@Nullable Map<String, String> given) {
    Map<String, String> pairs = new LinkedHashMap<>();
    if (given != null) {
      given.forEach((name, value) -> pairs.put(text(name), text(member(value))));
    }
    return pairs;
  }

  /** Members; none for null. */
  static <T> List<T> all(@Nullable List<T> given) {
    if (given == null) {
      return List.of();
    }
    return given.stream().map(Given::member).toList();
  }

  static boolean is(@Nullable Boolean given) {
    return Boolean.TRUE.equals(given);
  }

  static <T> T member(@Nullable T given) {
    if (given == null) {
      throw new Refusal(400, "invalid JSON: a member of a list or an object is null");
    }
    return given;
  }
}
