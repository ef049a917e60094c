package io.jcompose.compose.tree;

import io.jcompose.compose.Problem;
import io.jcompose.compose.SourceFiles;
import io.jcompose.compose.SourcePosition;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Spelling;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Collects what is wrong, so that a person sees all of it at once. Owned by one load. */
public final class Problems {
  /** How a message ends that Docker Compose ends so. */
  public static final String INVALID_PROJECT = ": invalid compose project";

  private static final int LIMIT = 100;
  private static final int MAX_CHAIN = 20;

  /** What this load may still cost. */
  public final LoadLimits limits;

  /** How it reads files. */
  public final SourceFiles files;

  /** What it remembers for explanations; null in an ordinary load. */
  public final @Nullable LoadTrace trace;

  private final List<Problem> errors = new ArrayList<>();
  private final List<Problem> warnings = new ArrayList<>();
  private final Map<String, List<Problem>> refusals = new LinkedHashMap<>();
  private final Set<String> unknown = new HashSet<>();
  private boolean incomplete;
  private final Map<String, Origin> origins = new HashMap<>();

  /** Why a file was read. */
  private record Origin(String verb, SourcePosition position) {}

  /**
   * Tells that a file is read because another names it.
   *
   * @param verb what that one does with it, {@code included} or {@code extended}
   */
  public void origin(String file, String verb, SourcePosition position) {
    origins.putIfAbsent(file, new Origin(verb, position));
  }

  private Problem problem(@Nullable SourcePosition position, String path, String message) {
    List<String> chain = new ArrayList<>();
    SourcePosition place = position;
    Set<String> told = new HashSet<>();
    while (place != null && chain.size() < MAX_CHAIN) {
      // Files that name each other would be told again and again.
      Origin origin = told.add(place.file()) ? origins.get(place.file()) : null;
      place = origin == null ? null : origin.position;
      if (origin != null) {
        chain.add(origin.verb + " at " + origin.position);
      }
    }
    return new Problem(position, path, message, chain);
  }

  public Problems() {
    this(null, SourceFiles.PLAIN, new LoadTurns());
  }

  public Problems(@Nullable LoadTrace trace, SourceFiles files, LoadTurns turns) {
    this.limits = LoadLimits.ofThisProcess(turns);
    this.trace = trace;
    this.files = files;
  }

  public void error(@Nullable SourcePosition position, String path, String message) {
    Problem problem = problem(position, path, message);
    if (errors.size() < LIMIT && !errors.contains(problem)) {
      errors.add(problem);
    }
  }

  /** Records an error at a node, which may be one that no file wrote. */
  public void at(@Nullable Node node, String path, String message) {
    error(node == null || node.position.file().isEmpty() ? null : node.position, path, message);
  }

  /** Records what only running the service would show to be wrong. */
  public void refuse(String service, @Nullable Node node, String path, String message) {
    SourcePosition place = node == null || node.position.file().isEmpty() ? null : node.position;
    List<Problem> all = refusals.computeIfAbsent(service, key -> new ArrayList<>());
    Problem problem = problem(place, path, message);
    if (all.size() < LIMIT && !all.contains(problem)) {
      all.add(problem);
    }
  }

  /** What an engine would refuse, by service. */
  public Map<String, List<Problem>> refusals() {
    return refusals;
  }

  public void warn(@Nullable SourcePosition position, String path, String message) {
    Problem problem = problem(position, path, message);
    if (warnings.size() < LIMIT && !warnings.contains(problem)) {
      warnings.add(problem);
    }
  }

  public void warnUnset(String variable, String file, int line) {
    warn(
        new SourcePosition(file, line, 1),
        "",
        "The \"" + variable + "\" variable is not set. Defaulting to a blank string.");
  }

  /** Whether something is known to be wrong with the element, so that its lack means nothing. */
  public boolean blames(String path) {
    return unknown.contains(path)
        || errors.stream().anyMatch(problem -> problem.path().equals(path));
  }

  /** The element has no value, for a reason that is told already. */
  public void leaveOut(String path) {
    unknown.add(path);
  }

  /** A whole file is missing, or cannot be read: what it would have had is not known. */
  public void incomplete() {
    incomplete = true;
  }

  public boolean isIncomplete() {
    return incomplete;
  }

  public boolean any() {
    return !errors.isEmpty();
  }

  public List<Problem> warnings() {
    return warnings;
  }

  /** Throws when there is any error; warnings, which may be the cause, are told before them. */
  public void check() {
    if (errors.isEmpty()) {
      return;
    }
    List<String> lines = new ArrayList<>();
    warnings.forEach(warning -> lines.add("warning: " + warning));
    inOrder(errors).forEach(error -> lines.add(error.toString()));
    throw new JcomposeException.InvalidArgument(String.join("\n", lines));
  }

  /** By place in each file, the files as they were first told of; what has no place comes last. */
  private static List<Problem> inOrder(List<Problem> problems) {
    Map<String, Integer> files = new HashMap<>();
    for (Problem problem : problems) {
      SourcePosition place = problem.position();
      if (place != null) {
        files.putIfAbsent(place.file(), files.size());
      }
    }
    List<Problem> sorted = new ArrayList<>(problems);
    sorted.sort(
        Comparator.comparingInt(
                (Problem p) ->
                    p.position() == null
                        ? files.size()
                        : files.getOrDefault(p.position().file(), 0))
            .thenComparingInt(p -> p.position() == null ? 0 : p.position().line())
            .thenComparingInt(p -> p.position() == null ? 0 : p.position().column()));
    return sorted;
  }

  /** The name among {@code known} that {@code word} is likely to mean, as a question; or empty. */
  public static String suggestion(String word, Iterable<String> known) {
    return Spelling.closest(word, known)
        .map(name -> " (did you mean \"" + name + "\"?)")
        .orElse("");
  }
}
