package io.jcompose.build.ignore;

import io.jcompose.build.word.Spaces;
import io.jcompose.core.JcomposeException;
import java.util.ArrayList;
import java.util.List;

/**
 * What a context leaves out: the patterns of a .dockerignore, of which the last that matches a
 * path, or a folder that it is in, decides. They begin at the context's root, other than those of
 * git. Immutable.
 */
public final class IgnoreFile {
  /** Nothing is left out. */
  public static final IgnoreFile NONE = new IgnoreFile(List.of());

  private static final int MAX_CHARS = 1 << 20;
  private static final int MOST_PATTERNS = 10_000;

  private final List<Line> lines;
  private final boolean hasExceptions;

  private record Line(PathPattern pattern, boolean exception) {}

  private IgnoreFile(List<Line> lines) {
    this.lines = List.copyOf(lines);
    this.hasExceptions = lines.stream().anyMatch(Line::exception);
  }

  /**
   * Reads a .dockerignore.
   *
   * @param name as messages call it
   * @throws JcomposeException.InvalidArgument for a pattern that has no form: {@code
   *     .dockerignore:3:1: what is wrong}; and for more than a million characters or ten thousand
   *     patterns
   */
  public static IgnoreFile parse(String text, String name) {
    if (text.length() > MAX_CHARS) {
      throw new JcomposeException.InvalidArgument(
          name + " has more than " + MAX_CHARS + " characters");
    }
    List<Line> lines = new ArrayList<>();
    String[] all = (text.startsWith("\ufeff") ? text.substring(1) : text).split("\n");
    for (int i = 0; i < all.length; i++) {
      String line = Spaces.trim(all[i]);
      if (!line.isEmpty() && !all[i].startsWith("#")) {
        try {
          add(lines, line);
        } catch (PatternException e) {
          throw new JcomposeException.InvalidArgument(name + ":" + (i + 1) + ":1: " + e.reason());
        }
      }
      if (lines.size() > MOST_PATTERNS) {
        throw new JcomposeException.InvalidArgument(
            name + ":" + (i + 1) + ":1: more than " + MOST_PATTERNS + " patterns");
      }
    }
    return new IgnoreFile(lines);
  }

  /**
   * Patterns of the same syntax that come one by one, as those of {@code --exclude}.
   *
   * @throws PatternException when one has no form
   */
  public static IgnoreFile of(List<String> patterns) {
    List<Line> lines = new ArrayList<>();
    for (String pattern : patterns) {
      String line = Spaces.trim(pattern);
      if (!line.isEmpty()) {
        add(lines, line);
      }
    }
    return new IgnoreFile(lines);
  }

  private static void add(List<Line> lines, String line) {
    boolean exception = line.startsWith("!");
    String pattern = exception ? Spaces.trim(line.substring(1)) : line;
    if (pattern.isEmpty()) {
      throw new PatternException(line, "nothing follows the !");
    }
    String clean = GoPath.clean(pattern);
    String relative = clean.length() > 1 && clean.startsWith("/") ? clean.substring(1) : clean;
    lines.add(new Line(PatternReader.read(relative, true), exception));
  }

  /** Whether nothing is left out. */
  public boolean isEmpty() {
    return lines.isEmpty();
  }

  /**
   * Whether the path is left out.
   *
   * @param path relative to the root, cleaned: {@code a/b}, with no slash at either end
   */
  public boolean excludes(String path) {
    int[] chars = path.codePoints().toArray();
    boolean excluded = false;
    for (Line line : lines) {
      // One that would change nothing is not asked.
      if (line.exception() == excluded && line.pattern().matchesSelfOrFolder(chars)) {
        excluded = !line.exception();
      }
    }
    return excluded;
  }

  /**
   * Whether a walk has to look into a folder: it is not left out, or an exception may be in it.
   * True in doubt.
   */
  public boolean mayContainIncluded(String folder) {
    if (!excludes(folder)) {
      return true;
    }
    int[] chars = folder.codePoints().toArray();
    return hasExceptions
        && lines.stream()
            .anyMatch(line -> line.exception() && line.pattern().mayMatchWithin(chars));
  }
}
