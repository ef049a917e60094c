package io.jcompose.build.dockerfile;

import io.jcompose.core.Spelling;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The flags of one statement, checked against those that its instruction has. */
final class Flags {
  /** What an instruction's flags are like. */
  enum Kind {
    BOOL,
    STRING,
    STRINGS
  }

  /** Of an instruction that has none. */
  static final Map<String, Kind> NONE = Map.of();

  private record Value(String text, int at) {}

  private final Map<String, List<Value>> values = new LinkedHashMap<>();
  private final Map<String, Kind> known;

  private Flags(Map<String, Kind> known) {
    this.known = known;
  }

  static Flags of(Head head, Map<String, Kind> known) {
    Flags flags = new Flags(known);
    for (Head.Word word : head.flags()) {
      flags.add(word);
    }
    return flags;
  }

  private void add(Head.Word word) {
    int equals = word.text().indexOf('=');
    String flag = equals < 0 ? word.text() : word.text().substring(0, equals);
    String name = flag.substring(2);
    Kind kind = known.get(name);
    if (kind == null) {
      String meant =
          Spelling.closest(name, known.keySet())
              .map(each -> " (did you mean --" + each + "?)")
              .orElse("");
      throw new Invalid(word.at(), "unknown flag: " + flag + meant);
    }
    if (equals < 0 && kind != Kind.BOOL) {
      throw new Invalid(word.at(), "missing a value on flag: " + flag);
    }
    List<Value> all = values.computeIfAbsent(name, each -> new ArrayList<>());
    if (!all.isEmpty() && kind != Kind.STRINGS) {
      throw new Invalid(word.at(), "duplicate flag specified: " + flag);
    }
    String value = equals < 0 ? "true" : word.text().substring(equals + 1);
    if (kind == Kind.BOOL) {
      checkBool(word, flag, value);
    }
    all.add(new Value(value, word.at()));
  }

  private static void checkBool(Head.Word word, String flag, String value) {
    if (value.isEmpty()) {
      throw new Invalid(word.at(), "missing a value on flag: " + flag);
    }
    if (!value.equalsIgnoreCase("true") && !value.equalsIgnoreCase("false")) {
      throw new Invalid(word.at(), "expecting boolean value for flag " + flag + ", not: " + value);
    }
  }

  /** Null when it is not given, or empty. */
  @Nullable String string(String name) {
    List<Value> all = values.get(name);
    return all == null || all.getFirst().text().isEmpty() ? null : all.getFirst().text();
  }

  List<String> strings(String name) {
    return values.getOrDefault(name, List.of()).stream().map(Value::text).toList();
  }

  /** Null when it is not given. */
  @Nullable Boolean bool(String name) {
    List<Value> all = values.get(name);
    return all == null ? null : Boolean.valueOf(all.getFirst().text());
  }

  boolean isTrue(String name) {
    return Boolean.TRUE.equals(bool(name));
  }

  /** Where the n-th of the name is, for a problem with its value. */
  int at(String name, int index) {
    return values.getOrDefault(name, List.of()).get(index).at();
  }
}
