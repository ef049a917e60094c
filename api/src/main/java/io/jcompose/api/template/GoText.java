package io.jcompose.api.template;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToLongFunction;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Values as Go's fmt prints them. Pure. */
final class GoText {
  private static final Pattern VERB = Pattern.compile("%([-+ 0#]*)(\\d{0,4})(?:\\.(\\d{0,4}))?(.)");

  private GoText() {}

  /** As {@code %v}. */
  static String of(@Nullable Object value) {
    return switch (value) {
      case null -> "<nil>";
      case Collection<?> list ->
          list.stream().map(GoText::of).collect(Collectors.joining(" ", "[", "]"));
      case Map<?, ?> map ->
          new TreeMap<Object, Object>(map)
              .entrySet().stream()
                  .map(entry -> entry.getKey() + ":" + of(entry.getValue()))
                  .collect(Collectors.joining(" ", "map[", "]"));
      case Double number when number == Math.rint(number) && Math.abs(number) < 1e15 ->
          String.valueOf(number.longValue());
      default -> String.valueOf(value);
    };
  }

  /** How many characters {@link #of} makes of a value, or a few more. */
  static long length(@Nullable Object value) {
    return length(value, String::length);
  }

  /**
   * How many characters something that writes values makes of one, or a few more.
   *
   * @param ofText how many it makes of a text
   */
  static long length(@Nullable Object value, ToLongFunction<String> ofText) {
    return switch (value) {
      case String text -> ofText.applyAsLong(text);
      case Collection<?> list -> {
        long sum = 2;
        for (Object item : list) {
          sum += 1 + length(item, ofText);
        }
        yield sum;
      }
      case Map<?, ?> map -> {
        long sum = 5;
        for (Map.Entry<?, ?> entry : map.entrySet()) {
          sum += 2 + length(entry.getKey(), ofText) + length(entry.getValue(), ofText);
        }
        yield sum;
      }
      case null, default -> 24; // a number
    };
  }

  /** How wide the verbs of a format ask their values to be, together. */
  static long widths(@Nullable Object format) {
    return format instanceof String text
        ? VERB.matcher(text).results().mapToLong(GoText::width).sum()
        : 0;
  }

  private static long width(MatchResult verb) {
    String width = verb.group(2);
    return 48L + (width.isEmpty() ? 0 : Integer.parseInt(width)); // digits, or what is missing
  }

  /** As fmt.Sprint: a blank between two values of which neither is a text. */
  static String print(List<? extends @Nullable Object> values) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < values.size(); i++) {
      boolean apart =
          i > 0 && !(values.get(i) instanceof String) && !(values.get(i - 1) instanceof String);
      text.append(apart ? " " : "").append(of(values.get(i)));
    }
    return text.toString();
  }

  /** As fmt.Sprintf, for the verbs that people use in formats. */
  static String printf(String format, List<? extends @Nullable Object> values) {
    Matcher match = VERB.matcher(format);
    StringBuilder text = new StringBuilder();
    List<@Nullable Object> left = new ArrayList<>(values);
    while (match.find()) {
      String shown;
      if (match.group(4).equals("%")) {
        shown = "%";
      } else if (left.isEmpty()) {
        shown = "%!" + match.group(4) + "(MISSING)";
      } else {
        shown = padded(verb(match, left.removeFirst()), match.group(1), match.group(2));
      }
      match.appendReplacement(text, Matcher.quoteReplacement(shown));
    }
    match.appendTail(text);
    return text.toString();
  }

  private static String verb(Matcher match, @Nullable Object value) {
    String precision = match.group(3) == null ? "" : match.group(3);
    int digits = precision.isEmpty() ? -1 : Integer.parseInt(precision);
    return switch (match.group(4)) {
      case "v", "d", "t" -> of(value);
      case "s" -> digits < 0 ? of(value) : cut(of(value), digits);
      case "q" -> quoted(of(value));
      case "x" -> value instanceof Number n ? Long.toHexString(n.longValue()) : of(value);
      case "f" ->
          value instanceof Number n
              ? String.format(
                  Locale.ROOT,
                  "%." + (digits < 0 ? 6 : Math.min(digits, 20)) + "f",
                  n.doubleValue())
              : "%!f(" + of(value) + ")";
      default -> "%!" + match.group(4) + "(" + of(value) + ")";
    };
  }

  private static String padded(String text, String flags, String width) {
    int missing = width.isEmpty() ? 0 : Integer.parseInt(width) - text.length();
    if (missing <= 0) {
      return text;
    }
    if (flags.indexOf('-') >= 0) {
      return text + " ".repeat(missing);
    }
    return (flags.indexOf('0') >= 0 ? "0" : " ").repeat(missing) + text;
  }

  static String cut(String text, int characters) {
    return text.codePointCount(0, text.length()) <= characters
        ? text
        : text.substring(0, text.offsetByCodePoints(0, Math.max(0, characters)));
  }

  private static String quoted(String text) {
    return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + "\"";
  }

  /** Go's truth: not the zero of its kind, and not empty. */
  static boolean isTrue(@Nullable Object value) {
    return switch (value) {
      case null -> false;
      case Nothing nothing -> false;
      case Boolean truth -> truth;
      case Number number -> number.doubleValue() != 0;
      case CharSequence text -> !text.isEmpty();
      case Collection<?> list -> !list.isEmpty();
      case Map<?, ?> map -> !map.isEmpty();
      default -> true;
    };
  }
}
