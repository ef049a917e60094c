package io.jcompose.build.dockerfile;

import io.jcompose.build.dockerfile.Flags.Kind;
import io.jcompose.build.instruction.Arg;
import io.jcompose.build.instruction.Env;
import io.jcompose.build.instruction.Expose;
import io.jcompose.build.instruction.From;
import io.jcompose.build.instruction.Label;
import io.jcompose.build.instruction.Maintainer;
import io.jcompose.build.instruction.Pair;
import io.jcompose.build.instruction.Stopsignal;
import io.jcompose.build.instruction.User;
import io.jcompose.build.instruction.Volume;
import io.jcompose.build.instruction.Workdir;
import io.jcompose.build.word.Spaces;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Parses the instructions that have words, names or pairs. */
final class ValueInstructions {
  private static final Pattern STAGE_NAME = Pattern.compile("[a-z][a-z0-9-_.]*");
  private static final Map<String, Kind> FROM_FLAGS = Map.of("platform", Kind.STRING);

  private ValueInstructions() {}

  static From from(Parsed parsed) {
    Flags flags = parsed.flags(FROM_FLAGS);
    List<String> words = BareWords.atBlanks(parsed.rest());
    boolean named = words.size() == 3 && words.get(1).equalsIgnoreCase("as");
    if (words.size() != 1 && !named) {
      throw parsed.invalid("FROM requires either one or three arguments");
    }
    String alias = named ? stageName(parsed, words.get(2)) : null;
    return new From(
        parsed.place(), parsed.text(), words.getFirst(), flags.string("platform"), alias);
  }

  private static String stageName(Parsed parsed, String word) {
    String name = word.toLowerCase(Locale.ROOT);
    if (!STAGE_NAME.matcher(name).matches()) {
      throw parsed.invalid(
          "invalid name for build stage: \""
              + word
              + "\", name can't start with a number or contain symbols");
    }
    return name;
  }

  static Arg arg(Parsed parsed) {
    parsed.flags(Flags.NONE);
    List<Arg.Entry> entries = new ArrayList<>();
    for (String word : BareWords.outsideOfQuotes(parsed.rest(), parsed.escape())) {
      int equals = word.indexOf('=');
      if (equals == 0) {
        throw parsed.invalid("ARG names can not be blank");
      }
      entries.add(
          equals < 0
              ? new Arg.Entry(word, null)
              : new Arg.Entry(word.substring(0, equals), word.substring(equals + 1)));
    }
    if (entries.isEmpty()) {
      throw parsed.invalid("ARG requires at least one argument");
    }
    return new Arg(parsed.place(), parsed.text(), entries);
  }

  static Env env(Parsed parsed) {
    parsed.flags(Flags.NONE);
    List<Pair> legacy = legacyPair(parsed);
    return new Env(
        parsed.place(), parsed.text(), legacy != null ? legacy : pairs(parsed), legacy != null);
  }

  static Label label(Parsed parsed) {
    parsed.flags(Flags.NONE);
    List<Pair> legacy = legacyPair(parsed);
    return new Label(
        parsed.place(), parsed.text(), legacy != null ? legacy : pairs(parsed), legacy != null);
  }

  /** The pair of {@code key value}; null when the first word has an equals sign. */
  private static @Nullable List<Pair> legacyPair(Parsed parsed) {
    String rest = parsed.rest();
    String keyword = parsed.head().name();
    List<String> words = BareWords.outsideOfQuotes(rest, parsed.escape());
    if (words.isEmpty()) {
      throw parsed.invalid(keyword + " requires at least one argument");
    }
    if (words.getFirst().indexOf('=') >= 0) {
      return null;
    }
    int end = 0;
    while (end < rest.length() && !Head.isSeparator(rest.charAt(end))) {
      end++;
    }
    int value = end;
    while (value < rest.length() && Head.isSeparator(rest.charAt(value))) {
      value++;
    }
    if (value == end) {
      throw parsed.invalid(keyword + " must have two arguments");
    }
    return List.of(new Pair(rest.substring(0, end), rest.substring(value)));
  }

  private static List<Pair> pairs(Parsed parsed) {
    List<Pair> pairs = new ArrayList<>();
    for (String word : BareWords.outsideOfQuotes(parsed.rest(), parsed.escape())) {
      int equals = word.indexOf('=');
      if (equals < 0) {
        throw parsed.invalid(
            "Syntax error - can't find = in \"" + word + "\". Must be of the form: name=value");
      }
      if (equals == 0) {
        throw parsed.invalid(parsed.head().name() + " names can not be blank");
      }
      pairs.add(new Pair(word.substring(0, equals), word.substring(equals + 1)));
    }
    return pairs;
  }

  static Expose expose(Parsed parsed) {
    parsed.flags(Flags.NONE);
    List<String> ports = BareWords.atBlanks(parsed.rest());
    if (ports.isEmpty()) {
      throw parsed.invalid("EXPOSE requires at least one argument");
    }
    return new Expose(parsed.place(), parsed.text(), ports);
  }

  static Volume volume(Parsed parsed) {
    parsed.flags(Flags.NONE);
    List<String> json = JsonStrings.parse(parsed.rest(), parsed.head().restAt());
    List<String> words = json != null ? json : BareWords.atBlanks(parsed.rest());
    if (words.isEmpty()) {
      throw parsed.invalid("VOLUME requires at least one argument");
    }
    List<String> paths = words.stream().map(Spaces::trim).toList();
    if (paths.contains("")) {
      throw parsed.invalid("VOLUME specified can not be an empty string");
    }
    return new Volume(parsed.place(), parsed.text(), paths);
  }

  static Workdir workdir(Parsed parsed) {
    return new Workdir(parsed.place(), parsed.text(), one(parsed));
  }

  static User user(Parsed parsed) {
    return new User(parsed.place(), parsed.text(), one(parsed));
  }

  static Stopsignal stopsignal(Parsed parsed) {
    return new Stopsignal(parsed.place(), parsed.text(), one(parsed));
  }

  static Maintainer maintainer(Parsed parsed) {
    return new Maintainer(parsed.place(), parsed.text(), one(parsed));
  }

  /** The whole line, which may have spaces. */
  private static String one(Parsed parsed) {
    parsed.flags(Flags.NONE);
    if (parsed.rest().isEmpty()) {
      throw parsed.invalid(parsed.head().name() + " requires exactly one argument");
    }
    return parsed.rest();
  }
}
