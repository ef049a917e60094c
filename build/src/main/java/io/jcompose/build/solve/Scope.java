package io.jcompose.build.solve;

import io.jcompose.build.instruction.Arg;
import io.jcompose.build.word.Words;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The variables of a stage: the image's environment, and below it the build arguments that have
 * been declared. Confined to one thread.
 */
final class Scope {
  /** Known without a declaration, and in no image, key or history. */
  static final Set<String> PROXIES =
      Stream.of("HTTP", "HTTPS", "FTP", "NO", "ALL")
          .map(kind -> kind + "_PROXY")
          .flatMap(name -> Stream.of(name, name.toLowerCase(Locale.ROOT)))
          .collect(Collectors.toUnmodifiableSet());

  private final Words words;
  private final Map<String, String> given;
  private final Map<String, String> global;
  private final Function<String, @Nullable String> env;
  private final Map<String, @Nullable String> declared = new LinkedHashMap<>();

  /**
   * @param given values of the build's caller
   * @param global those before the first stage, and the platforms
   * @param env the image's variables at the moment
   */
  Scope(
      Words words,
      Map<String, String> given,
      Map<String, String> global,
      Function<String, @Nullable String> env) {
    this.words = words;
    this.given = given;
    this.global = global;
    this.env = env;
  }

  /** Of an earlier stage, what it has declared. */
  void inherit(Map<String, @Nullable String> args) {
    declared.putAll(args);
  }

  Map<String, @Nullable String> declared() {
    return declared;
  }

  /**
   * Declares arguments.
   *
   * @return the instruction with the values that they have
   */
  String declare(Arg arg) {
    StringBuilder text = new StringBuilder("ARG");
    for (Arg.Entry entry : arg.entries()) {
      String value = given.get(entry.name());
      if (value == null && entry.value() != null) {
        value = expand(entry.value());
      }
      if (value == null) {
        value = global.get(entry.name());
      }
      declared.put(entry.name(), value);
      text.append(' ').append(entry.name()).append(value == null ? "" : "=" + value);
    }
    return text.toString();
  }

  @Nullable String lookup(String name) {
    String value = env.apply(name);
    if (value == null) {
      value = declared.get(name);
    }
    return value == null && PROXIES.contains(name) ? given.get(name) : value;
  }

  String expand(String raw) {
    return words.expand(raw, this::lookup);
  }

  List<String> split(String raw) {
    return words.split(raw, this::lookup);
  }

  String expandText(String raw) {
    return words.expandText(raw, this::lookup);
  }

  /** Declared arguments with a value that no variable of the image hides, {@code NAME=value}. */
  List<String> arguments() {
    List<String> arguments = new ArrayList<>();
    declared.forEach(
        (name, value) -> {
          if (value != null && env.apply(name) == null) {
            arguments.add(name + "=" + value);
          }
        });
    return arguments;
  }

  /** All declared arguments, as history tells them. */
  List<String> told() {
    return declared.keySet().stream()
        .map(name -> name + "=" + Objects.requireNonNullElse(lookup(name), ""))
        .toList();
  }

  /** Proxies that were given and not declared: for commands only. */
  List<String> proxies() {
    return new HashMap<>(given)
        .entrySet().stream()
            .filter(e -> PROXIES.contains(e.getKey()) && !declared.containsKey(e.getKey()))
            .map(e -> e.getKey() + "=" + e.getValue())
            .sorted()
            .toList();
  }
}
