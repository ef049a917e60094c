package io.jcompose.compose;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A folder SECTION/CASE of input files and golden files; {@code src/test/make-goldens} tells what
 * lies in it. Docker Compose saw the folder of all sections as {@code /srv}.
 *
 * @param root the folder of all sections
 */
record GoldenCase(Path root, String name) {
  /** Set, the tests write what they would compare: {@code mvn -Djcompose.goldens=write …}. */
  private static final boolean WRITES = "write".equals(System.getProperty("jcompose.goldens"));

  static Stream<GoldenCase> all(String test) {
    Path root = Path.of("src/test/resources", test).toAbsolutePath();
    try (Stream<Path> dirs = Files.walk(root, 2)) {
      return dirs
          .filter(dir -> dir.getNameCount() == root.getNameCount() + 2 && Files.isDirectory(dir))
          .map(dir -> new GoldenCase(root, root.relativize(dir).toString()))
          .sorted((a, b) -> a.name.compareTo(b.name))
          .toList()
          .stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Path dir() {
    return root.resolve(name);
  }

  boolean has(String file) {
    return Files.exists(dir().resolve(file));
  }

  String read(String file) throws IOException {
    return Files.readString(dir().resolve(file));
  }

  /** The golden text; in writing mode it becomes {@code actual} first, where it is ours. */
  String golden(String file, String actual, boolean ours) throws IOException {
    if (WRITES && ours) {
      if (actual.isEmpty()) {
        Files.deleteIfExists(dir().resolve(file));
      } else {
        Files.writeString(dir().resolve(file), actual);
      }
    }
    return has(file) ? read(file) : "";
  }

  String neutral(String text) {
    return text.replace(root.toString(), "/srv");
  }

  /** A tree with all its texts neutral. */
  @Nullable Object neutral(@Nullable Object value) {
    return switch (value) {
      case String text -> neutral(text);
      case List<?> list -> {
        List<@Nullable Object> copy = new ArrayList<>();
        list.forEach(item -> copy.add(neutral(item)));
        yield copy;
      }
      case Map<?, ?> map -> {
        Map<String, @Nullable Object> copy = new LinkedHashMap<>();
        map.forEach((key, item) -> copy.put(String.valueOf(key), neutral(item)));
        yield copy;
      }
      case null, default -> value;
    };
  }

  /** What the case's {@code args}, {@code env}, {@code cwd} and {@code stdin} ask for. */
  LoadRequest request() throws IOException {
    Map<String, String> environment = new HashMap<>(Map.of("HOME", "/home/user"));
    if (has("env")) {
      read("env")
          .lines()
          .forEach(
              line ->
                  environment.put(
                      line.substring(0, line.indexOf('=')), line.substring(line.indexOf('=') + 1)));
    }
    List<String> files = new ArrayList<>();
    List<Path> envFiles = new ArrayList<>();
    List<String> profiles = new ArrayList<>();
    List<String> services = new ArrayList<>();
    List<String> flags = new ArrayList<>();
    String projectName = "";
    Path projectDirectory = null;
    List<String> args = has("args") ? List.of(read("args").strip().split("\\s+")) : List.of();
    for (int i = 0; i < args.size(); i++) {
      switch (args.get(i)) {
        case "-f" -> files.add(args.get(++i));
        case "-p" -> projectName = args.get(++i);
        case "--profile" -> profiles.add(args.get(++i));
        case "--env-file" -> envFiles.add(Path.of(args.get(++i)));
        case "--project-directory" -> projectDirectory = Path.of(args.get(++i));
        default -> (args.get(i).startsWith("--") ? flags : services).add(args.get(i));
      }
    }
    return new LoadRequest(
        has("cwd") ? dir().resolve(read("cwd").strip()) : dir(),
        files,
        has("stdin") ? read("stdin") : null,
        environment,
        envFiles,
        projectName,
        projectDirectory,
        profiles,
        services,
        options(flags),
        null);
  }

  private static LoadRequest.Options options(List<String> flags) {
    List<String> known =
        List.of(
            "--no-interpolate",
            "--no-normalize",
            "--no-path-resolution",
            "--no-env-resolution",
            "--no-consistency",
            "--all-resources");
    if (!known.containsAll(flags)) {
      throw new IllegalArgumentException("unknown flag among " + flags);
    }
    return new LoadRequest.Options(
        !flags.contains("--no-interpolate"),
        !flags.contains("--no-normalize"),
        !flags.contains("--no-path-resolution"),
        !flags.contains("--no-env-resolution"),
        !flags.contains("--no-consistency"),
        flags.contains("--all-resources"));
  }

  @Override
  public String toString() {
    return name;
  }
}
