package io.jcompose.api.request;

import io.jcompose.core.JcomposeException;
import io.jcompose.core.Spelling;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The values of {@code --filter NAME=VALUE} of a command with several names. Of one name any value
 * may fit; of several names each must. Immutable.
 */
public record NamedFilters(Map<String, List<String>> values) {

  /**
   * Takes the options apart.
   *
   * @throws JcomposeException.InvalidArgument for a name that is not among {@code known}
   */
  public static NamedFilters parse(CommandRequest request, List<String> known) {
    Map<String, List<String>> values = new LinkedHashMap<>();
    for (String option : request.list("filter")) {
      int equals = option.indexOf('=');
      String name = equals < 0 ? option : option.substring(0, equals);
      if (equals <= 0 || !known.contains(name)) {
        String hint =
            Spelling.closest(name, known)
                .map(other -> "did you mean " + other + "=…?")
                .orElse("write NAME=VALUE with one of " + String.join(", ", known));
        throw new JcomposeException.InvalidArgument("invalid filter '" + option + "': " + hint);
      }
      values.computeIfAbsent(name, key -> new ArrayList<>()).add(option.substring(equals + 1));
    }
    return new NamedFilters(values);
  }

  public boolean isEmpty() {
    return values.isEmpty();
  }

  public boolean has(String name) {
    return values.containsKey(name);
  }

  /** True when nothing is asked of the name, or the text contains one of the values. */
  public boolean contains(String name, String text) {
    return of(name).isEmpty() || of(name).stream().anyMatch(text::contains);
  }

  /** True when nothing is asked of the name, or the text is one of the values. */
  public boolean is(String name, String text) {
    return of(name).isEmpty() || of(name).contains(text);
  }

  /** True when nothing is asked of the name, or the truth is the one asked for. */
  public boolean isTruth(String name, boolean truth) {
    for (String value : of(name)) {
      boolean wanted =
          switch (value) {
            case "true", "1" -> true;
            case "false", "0" -> false;
            default ->
                throw new JcomposeException.InvalidArgument(
                    "invalid filter '" + name + "=" + value + "': true or false");
          };
      if (wanted != truth) {
        return false;
      }
    }
    return true;
  }

  /** {@code label=key} and {@code label=key=value}, all of them; {@code label!=…} none of them. */
  public boolean labels(Map<String, String> labels) {
    return of("label").stream().allMatch(wanted -> isLabelled(labels, wanted))
        && of("label!").stream().noneMatch(wanted -> isLabelled(labels, wanted));
  }

  private static boolean isLabelled(Map<String, String> labels, String wanted) {
    int equals = wanted.indexOf('=');
    return equals < 0
        ? labels.containsKey(wanted)
        : wanted.substring(equals + 1).equals(labels.get(wanted.substring(0, equals)));
  }

  /** {@code until=TIME}: made before that. */
  public boolean until(Moments moments, @Nullable Instant made) {
    return of("until").stream()
        .map(text -> moments.parse("filter until", text))
        .allMatch(limit -> limit == null || (made != null && made.isBefore(limit)));
  }

  /** The values asked for of a name; empty when nothing is. */
  public List<String> of(String name) {
    return values.getOrDefault(name, List.of());
  }
}
