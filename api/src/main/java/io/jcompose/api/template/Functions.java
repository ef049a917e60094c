package io.jcompose.api.template;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.jcompose.core.JcomposeException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The functions of Go's text/template and those that docker adds, over values of JSON. Pure. */
final class Functions {
  static final List<String> NAMES =
      List.of(
          "and",
          "or",
          "not",
          "len",
          "index",
          "slice",
          "print",
          "printf",
          "println",
          "eq",
          "ne",
          "lt",
          "le",
          "gt",
          "ge",
          "json",
          "split",
          "join",
          "title",
          "lower",
          "upper",
          "pad",
          "truncate");

  private static final JsonMapper JSON = new JsonMapper();
  private static final int WIDEST = 10_000;

  /** What a text takes of the heap beside its characters, as so many of them. */
  private static final int PIECE = 28;

  private Functions() {}

  /**
   * Calls a function other than {@code and} and {@code or}, which do not look at all arguments.
   *
   * @throws JcomposeException.InvalidArgument saying what it does not take
   */
  static @Nullable Object call(String name, List<@Nullable Object> values) {
    return switch (name) {
      case "not" -> !GoText.isTrue(one(name, values));
      case "len" -> length(one(name, values));
      case "index" -> index(values);
      case "slice" -> slice(values);
      case "print" -> GoText.print(values);
      case "println" -> values.stream().map(GoText::of).collect(Collectors.joining(" ")) + "\n";
      case "printf" -> GoText.printf(text(name, values, 0), values.subList(1, values.size()));
      case "eq" -> isAny(name, values);
      case "ne" -> !isSame(two(name, values), values.get(1));
      case "lt" -> compare(two(name, values), values.get(1)) < 0;
      case "le" -> compare(two(name, values), values.get(1)) <= 0;
      case "gt" -> compare(two(name, values), values.get(1)) > 0;
      case "ge" -> compare(two(name, values), values.get(1)) >= 0;
      case "json" -> json(one(name, values));
      default -> ofText(name, values);
    };
  }

  /**
   * How much the call makes at most, in characters; none where it only looks. To be known before,
   * for a call may take long values many times.
   */
  static long mostCharacters(String name, List<@Nullable Object> values) {
    long given = GoText.length(values);
    return switch (name) {
      case "print", "println", "slice", "title", "truncate" -> given;
      case "lower", "upper" -> 3 * given; // some letters become three
      case "printf" -> 2 * given + GoText.widths(values.isEmpty() ? null : values.getFirst());
      case "json" -> GoText.length(values, Functions::jsonLength);
      case "pad" -> given + 2 * WIDEST;
      case "split" -> given + PIECE * pieces(values);
      case "join" -> given + joints(values);
      default -> 0;
    };
  }

  private static long jsonLength(String text) {
    return 2
        + text.chars().map(c -> c < ' ' ? 6 : c == '"' || c == '\\' ? 2 : 1).asLongStream().sum();
  }

  private static long pieces(List<@Nullable Object> values) {
    if (values.size() < 2
        || !(values.get(0) instanceof String text)
        || !(values.get(1) instanceof String separator)) {
      return 0;
    }
    if (separator.isEmpty()) {
      return text.length();
    }
    long pieces = 1;
    for (int at = text.indexOf(separator); at >= 0; at = text.indexOf(separator, at)) {
      at += separator.length();
      pieces++;
    }
    return pieces;
  }

  private static long joints(List<@Nullable Object> values) {
    return values.size() > 1
            && values.get(0) instanceof Collection<?> list
            && values.get(1) instanceof String separator
        ? (long) list.size() * separator.length()
        : 0;
  }

  private static Object ofText(String name, List<@Nullable Object> values) {
    return switch (name) {
      case "lower" -> text(name, values, 0).toLowerCase(Locale.ROOT);
      case "upper" -> text(name, values, 0).toUpperCase(Locale.ROOT);
      case "title" -> title(text(name, values, 0));
      case "split" ->
          Arrays.asList(text(name, values, 0).split(Pattern.quote(text(name, values, 1)), -1));
      case "join" ->
          list(name, values.isEmpty() ? null : values.getFirst()).stream()
              .map(GoText::of)
              .collect(Collectors.joining(text(name, values, 1)));
      case "truncate" -> GoText.cut(text(name, values, 0), number(name, values, 1));
      case "pad" ->
          " ".repeat(number(name, values, 1))
              + text(name, values, 0)
              + " ".repeat(number(name, values, 2));
      default -> throw wrong("function \"" + name + "\" not defined");
    };
  }

  static String json(@Nullable Object value) {
    try {
      return JSON.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new JcomposeException.Internal("failed to write JSON", e);
    }
  }

  private static long length(@Nullable Object value) {
    return switch (value) {
      case null -> 0;
      case String text -> text.getBytes(StandardCharsets.UTF_8).length;
      case Collection<?> list -> list.size();
      case Map<?, ?> map -> map.size();
      default -> throw wrong("error calling len: len of type " + kind(value));
    };
  }

  /** A map's missing key gives the zero of its values; a list's is an error. */
  private static @Nullable Object index(List<@Nullable Object> values) {
    if (values.isEmpty()) {
      throw wrong("wrong number of args for index: want at least 1 got 0");
    }
    Object value = values.getFirst();
    for (Object key : values.subList(1, values.size())) {
      value =
          switch (Nothing.orNull(value)) {
            case null -> throw wrong("error calling index: index of untyped nil");
            case Map<?, ?> map -> element(map, GoText.of(key));
            case List<?> list -> list.get(position(key, list.size()));
            case String text -> (long) text.charAt(position(key, text.length()));
            default -> throw wrong("error calling index: can't index item of type " + kind(value));
          };
    }
    return value;
  }

  /** Go knows the kind of a map's values; here another value of the map tells it. */
  private static @Nullable Object element(Map<?, ?> map, String key) {
    Object there = map.get(key);
    if (there != null) {
      return there;
    }
    if (map.isEmpty()) {
      return Nothing.ELEMENT;
    }
    return switch (map.values().iterator().next()) {
      case String text -> "";
      case Map<?, ?> pointer -> null;
      case null, default -> Nothing.VALUE;
    };
  }

  private static int position(@Nullable Object key, int size) {
    if (!(key instanceof Long number)) {
      throw wrong("error calling index: cannot index slice/array with type " + kind(key));
    }
    if (number < 0 || number >= size) {
      throw wrong("error calling index: index out of range: " + number);
    }
    return number.intValue();
  }

  private static Object slice(List<@Nullable Object> values) {
    Object value = values.isEmpty() ? null : values.getFirst();
    int size = (int) length(value);
    int from = values.size() > 1 ? number("slice", values, 1) : 0;
    int to = values.size() > 2 ? number("slice", values, 2) : size;
    if (from > to || to > size) {
      throw wrong("error calling slice: index out of range: " + from + " to " + to);
    }
    return switch (value) {
      case String text when text.length() == size -> text.substring(from, to);
      case List<?> list -> List.copyOf(list.subList(from, to));
      case null, default -> throw wrong("error calling slice: can't slice " + kind(value));
    };
  }

  private static boolean isAny(String name, List<@Nullable Object> values) {
    Object first = two(name, values);
    return values.stream().skip(1).anyMatch(other -> isSame(first, other));
  }

  private static boolean isSame(@Nullable Object a, @Nullable Object b) {
    if (a instanceof Number x && b instanceof Number y) {
      return Double.compare(x.doubleValue(), y.doubleValue()) == 0;
    }
    if (a != null && b != null && !kind(a).equals(kind(b))) {
      throw wrong("error calling eq: incompatible types for comparison");
    }
    return Objects.equals(a, b);
  }

  private static int compare(@Nullable Object a, @Nullable Object b) {
    if (a instanceof Number x && b instanceof Number y) {
      return Double.compare(x.doubleValue(), y.doubleValue());
    }
    if (a instanceof String x && b instanceof String y) {
      return x.compareTo(y);
    }
    throw wrong("error calling lt: incompatible types for comparison");
  }

  /** The first letter of each word in upper case. */
  private static String title(String text) {
    StringBuilder titled = new StringBuilder();
    boolean begins = true;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      titled.append(begins ? Character.toTitleCase(c) : c);
      begins = !Character.isLetterOrDigit(c) && c != '_' && c != '\'';
    }
    return titled.toString();
  }

  private static @Nullable Object one(String name, List<@Nullable Object> values) {
    if (values.size() != 1) {
      throw wrong("wrong number of args for " + name + ": want 1 got " + values.size());
    }
    return values.getFirst();
  }

  private static @Nullable Object two(String name, List<@Nullable Object> values) {
    if (values.size() < 2) {
      throw wrong("wrong number of args for " + name + ": want at least 2 got " + values.size());
    }
    return values.getFirst();
  }

  private static String text(String name, List<@Nullable Object> values, int at) {
    Object value = at < values.size() ? values.get(at) : null;
    if (!(value instanceof String text)) {
      throw wrong(
          "error calling "
              + name
              + ": argument "
              + (at + 1)
              + " must be a text, not "
              + kind(value));
    }
    return text;
  }

  private static int number(String name, List<@Nullable Object> values, int at) {
    Object value = at < values.size() ? values.get(at) : null;
    if (!(value instanceof Long number) || number < 0 || number > WIDEST) {
      throw wrong(
          "error calling " + name + ": argument " + (at + 1) + " must be a number up to " + WIDEST);
    }
    return number.intValue();
  }

  private static Collection<?> list(String name, @Nullable Object value) {
    if (value instanceof Collection<?> list) {
      return list;
    }
    throw wrong("error calling " + name + ": argument 1 must be a list, not " + kind(value));
  }

  static String kind(@Nullable Object value) {
    return switch (value) {
      case null -> "nil";
      case String text -> "string";
      case Boolean truth -> "bool";
      case Number number -> "int";
      case Collection<?> list -> "slice";
      case Map<?, ?> map -> "map";
      default -> "value";
    };
  }

  private static JcomposeException wrong(String problem) {
    return new JcomposeException.InvalidArgument(problem);
  }
}
