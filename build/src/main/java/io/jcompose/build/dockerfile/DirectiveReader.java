package io.jcompose.build.dockerfile;

import io.jcompose.build.instruction.Place;
import io.jcompose.build.word.Spaces;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads the directives: comments of the form {@code # key=value} on top of the file, before
 * anything else, also before an empty line.
 */
final class DirectiveReader {
  private static final int MAX_LINE = 10_000;
  private static final List<String> KEYS = List.of("syntax", "escape", "check");
  private static final Pattern KEY =
      Pattern.compile("([a-zA-Z][a-zA-Z0-9]*)\\s*=(.*)", Pattern.DOTALL);
  private static final Pattern JSON = Pattern.compile("\"syntax\"\\s*:\\s*\"([^\"\\\\]*)\"");
  private static final Pattern OURS =
      Pattern.compile("(?:docker\\.io/)?docker/dockerfile(?:-upstream)?(?:[:@].*)?");

  private final SourceLines source;
  private final Problems problems;
  private final Map<String, String> values = new LinkedHashMap<>();
  private final Map<String, Integer> rows = new LinkedHashMap<>();

  DirectiveReader(SourceLines source, Problems problems) {
    this.source = source;
    this.problems = problems;
  }

  Directives read() {
    boolean script = source.size() > 0 && source.raw(0).startsWith("#!");
    readBlock("#", script ? 1 : 0);
    char escape = script ? '\\' : escape(); // Docker does not look for it below a "#!"
    if (!values.containsKey("syntax")) {
      readForeign(script ? 1 : 0);
    }
    String syntax = syntax();
    Check check = new Check();
    check.read(values.getOrDefault("check", ""));
    return new Directives(
        escape, syntax, check.skipAll, check.skip, check.experimental, check.findingsFail);
  }

  private void readBlock(String prefix, int from) {
    for (int row = from; row < source.size(); row++) {
      String line = Spaces.trim(source.line(row));
      if (!line.startsWith(prefix) || line.length() > MAX_LINE) {
        return;
      }
      Matcher match = KEY.matcher(Spaces.trim(line.substring(prefix.length())));
      if (!match.matches()) {
        return;
      }
      String key = match.group(1).toLowerCase(Locale.ROOT);
      String value = Spaces.trim(match.group(2));
      if (!KEYS.contains(key) || value.isEmpty()) {
        return;
      }
      if (values.putIfAbsent(key, value) != null) {
        problems.add(place(row), "only one " + key + " parser directive can be used");
        return;
      }
      rows.put(key, row);
    }
  }

  /** Other frontends' files name theirs in other comments, or are JSON. */
  private void readForeign(int from) {
    if (from >= source.size()) {
      return;
    }
    String first = Spaces.trim(source.line(from));
    if (first.startsWith("//")) {
      String escape = values.remove("escape");
      readBlock("//", from);
      values.remove("escape");
      if (escape != null) {
        values.put("escape", escape);
      }
    } else if (first.startsWith("{")) {
      for (int row = from; row < source.size(); row++) {
        String line = source.line(row);
        Matcher match = JSON.matcher(line.length() > MAX_LINE ? "" : line);
        if (match.find()) {
          values.put("syntax", match.group(1));
          rows.put("syntax", row);
          return;
        }
      }
    }
  }

  private char escape() {
    String value = values.getOrDefault("escape", "\\");
    if (!value.equals("\\") && !value.equals("`")) {
      problems.add(place("escape"), "invalid escape token '" + value + "' does not match ` or \\");
      return '\\';
    }
    return value.charAt(0);
  }

  private @Nullable String syntax() {
    String value = values.get("syntax");
    if (value == null) {
      return null;
    }
    int space = value.indexOf(' ');
    String image = space < 0 ? value : value.substring(0, space);
    if (!OURS.matcher(image).matches()) {
      problems.add(
          place("syntax"),
          "the file is for the frontend "
              + image
              + ", which cannot be run here; only docker/dockerfile is built in");
    }
    return image;
  }

  private Place place(String key) {
    return place(rows.getOrDefault(key, 0));
  }

  private static Place place(int row) {
    return new Place(row + 1, row + 1, 1);
  }

  /** {@code skip=A,B;error=true;experimental=C}. */
  private final class Check {
    boolean skipAll;
    boolean findingsFail;
    final Set<String> skip = new HashSet<>();
    final Set<String> experimental = new HashSet<>();

    void read(String value) {
      for (String part : value.isEmpty() ? new String[0] : value.split(";")) {
        int equals = part.indexOf('=');
        if (equals < 0) {
          problems.add(place("check"), "invalid check option \"" + part + "\"");
          continue;
        }
        option(Spaces.trim(part.substring(0, equals)), Spaces.trim(part.substring(equals + 1)));
      }
    }

    private void option(String key, String value) {
      switch (key) {
        case "skip" -> {
          skipAll = value.equalsIgnoreCase("all");
          addAll(skip, skipAll ? "" : value);
        }
        case "experimental" -> addAll(experimental, value);
        case "error" -> findingsFail = bool(value);
        default -> problems.add(place("check"), "invalid check option \"" + key + "\"");
      }
    }

    private void addAll(Set<String> names, String value) {
      for (String name : value.split(",")) {
        if (!name.isBlank()) {
          names.add(Spaces.trim(name));
        }
      }
    }

    private boolean bool(String value) {
      return switch (value) {
        case "1", "t", "T", "true", "TRUE", "True" -> true;
        case "0", "f", "F", "false", "FALSE", "False" -> false;
        default -> {
          problems.add(
              place("check"), "failed to parse check option \"error\": no boolean: " + value);
          yield false;
        }
      };
    }
  }
}
