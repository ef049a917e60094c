package io.jcompose.samples;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * What a repository of some kind tells its users to type first, as a folder of {@code
 * samples/first-paths} has it: files of its shape, and {@code steps}. Immutable.
 *
 * @param about one sentence: whose first path it is
 * @param steps in the order of the file
 */
record FirstPath(Path folder, String about, List<Step> steps) {
  static final Path ALL = Stage.HOME.resolve("samples/first-paths");
  private static final Map<String, Part> PARTS =
      Map.of("way round", Part.WAY_ROUND, "besides", Part.BESIDES);

  /** The first path itself, what goes instead of where it stops, and what else is documented. */
  enum Part {
    FIRST,
    WAY_ROUND,
    BESIDES
  }

  /**
   * A line for a shell, and what comes of it.
   *
   * @param refused why it is refused, in a word; empty when it works
   * @param exitCode -1 for any but 0
   * @param shown what its output contains
   */
  record Step(Part part, String command, String refused, int exitCode, List<String> shown) {
    boolean works() {
      return refused.isEmpty();
    }

    private Step showing(String text) {
      List<String> all = new ArrayList<>(shown);
      all.add(text);
      return new Step(part, command, refused, exitCode, List.copyOf(all));
    }
  }

  String name() {
    return Objects.requireNonNull(folder.getFileName()).toString();
  }

  /** Those of a part. */
  List<Step> steps(Part part) {
    return steps.stream().filter(step -> step.part == part).toList();
  }

  /** All that there are, by name. */
  static List<FirstPath> all() throws IOException {
    List<Path> files;
    try (Stream<Path> found = Files.find(ALL, 2, (path, facts) -> path.endsWith("steps"))) {
      files = found.sorted().toList();
    }
    List<FirstPath> paths = new ArrayList<>();
    for (Path file : files) {
      paths.add(read(file));
    }
    return paths;
  }

  private static FirstPath read(Path file) throws IOException {
    List<Step> steps = new ArrayList<>();
    String about = "";
    Part part = Part.FIRST;
    for (String line : Files.readAllLines(file)) {
      if (line.startsWith("# ")) {
        about = line.substring(2);
      } else if (PARTS.containsKey(line)) {
        part = Objects.requireNonNull(PARTS.get(line));
      } else if (line.startsWith("$ ")) {
        steps.add(new Step(part, line.substring(2), "", 0, List.of()));
      } else {
        steps.add(expecting(steps.removeLast(), line, file));
      }
    }
    return new FirstPath(Objects.requireNonNull(file.getParent()), about, List.copyOf(steps));
  }

  private static Step expecting(Step step, String line, Path file) {
    if (line.startsWith("> ")) {
      return step.showing(line.substring(2));
    }
    if (line.startsWith("rc ")) {
      int code = Integer.parseInt(line.substring(3));
      return new Step(step.part, step.command, step.refused, code, step.shown);
    }
    if (line.startsWith("refused ")) {
      String[] words = line.substring("refused ".length()).split(": ", 2);
      return new Step(step.part, step.command, words[0], -1, List.of(words[1]));
    }
    throw new IllegalArgumentException(file + ": " + line);
  }
}
