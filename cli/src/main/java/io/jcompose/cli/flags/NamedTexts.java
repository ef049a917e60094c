package io.jcompose.cli.flags;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Texts with names: variables and labels, of flags and of files with one a line. Stateless. */
public final class NamedTexts {
  private NamedTexts() {}

  /** What the files say, then what the flags do; a name alone has the caller's value. */
  public static List<String> variables(Flags flags) {
    List<String> all = new ArrayList<>();
    flags.all("env-file").forEach(file -> all.addAll(ofFile(flags, file, flags.env(), true)));
    all.addAll(
        flags.parsedAll(
            "env",
            text -> {
              if (text.isEmpty() || text.startsWith("=")) {
                throw new IllegalArgumentException("invalid environment variable: " + text);
              }
              String value = text.contains("=") ? null : flags.env().get(text);
              return value == null ? text : text + "=" + value;
            }));
    return all;
  }

  static Map<String, String> labels(Flags flags) {
    List<String> all = new ArrayList<>();
    flags.all("label-file").forEach(file -> all.addAll(ofFile(flags, file, Map.of(), false)));
    all.addAll(
        flags.parsedAll(
            "label",
            text -> {
              if (text.isEmpty() || text.startsWith("=")) {
                throw new IllegalArgumentException("invalid label '" + text + "': empty name");
              }
              return text;
            }));
    return pairs(all);
  }

  private static List<String> ofFile(
      Flags flags, String file, Map<String, String> env, boolean needsValue) {
    try {
      return lines(flags.file(file), env, needsValue);
    } catch (IllegalArgumentException e) {
      throw InvalidFlag.conflict("invalid env file (" + file + "): " + e.getMessage());
    }
  }

  /** {@code name=value} each; a name alone has an empty value, and the last of a name holds. */
  public static Map<String, String> pairs(List<String> texts) {
    Map<String, String> pairs = new LinkedHashMap<>();
    for (String text : texts) {
      int equals = text.indexOf('=');
      pairs.put(
          equals < 0 ? text : text.substring(0, equals),
          equals < 0 ? "" : text.substring(equals + 1));
    }
    return pairs;
  }

  /**
   * The lines of such a file.
   *
   * @param env what a name alone has its value of
   * @param needsValue whether a name without a value is passed over
   */
  static List<String> lines(String text, Map<String, String> env, boolean needsValue) {
    List<String> found = new ArrayList<>();
    String whole = text.startsWith("\ufeff") ? text.substring(1) : text;
    whole
        .lines()
        .map(String::stripLeading)
        .filter(line -> !line.isEmpty() && !line.startsWith("#"))
        .forEach(line -> add(line, env, needsValue, found));
    return found;
  }

  private static void add(
      String line, Map<String, String> env, boolean needsValue, List<String> found) {
    int equals = line.indexOf('=');
    String name = (equals < 0 ? line.strip() : line.substring(0, equals)).stripLeading();
    if (name.isEmpty()) {
      throw new IllegalArgumentException("no variable name on line '" + line + "'");
    }
    if (name.chars().anyMatch(Character::isWhitespace)) {
      throw new IllegalArgumentException("variable '" + name + "' contains whitespaces");
    }
    if (equals >= 0) {
      found.add(name + line.substring(equals));
    } else if (env.containsKey(name)) {
      found.add(name + "=" + env.get(name));
    } else if (!needsValue) {
      found.add(name);
    }
  }
}
