package io.jcompose.build.ignore;

/**
 * A source of a copy that may have wildcards: {@code *}, {@code ?} and {@code [a-z]}, none of which
 * passes a slash but the last. Immutable.
 */
public final class Wildcard {
  private static final String SPECIAL = "*?[\\";

  private final PathPattern pattern;
  private final String base;

  private Wildcard(PathPattern pattern, String base) {
    this.pattern = pattern;
    this.base = base;
  }

  /**
   * In the syntax of Go's path.Match, where {@code **} is no more than {@code *}.
   *
   * @throws PatternException when it has no form
   */
  public static Wildcard parse(String pattern) {
    return new Wildcard(PatternReader.read(pattern, false), base(pattern));
  }

  /**
   * With {@code **} for any number of folders, as {@code --parents} has it.
   *
   * @throws PatternException when it has no form
   */
  public static Wildcard parseDeep(String pattern) {
    return new Wildcard(PatternReader.read(pattern, true), base(pattern));
  }

  /** Whether a source may be of several names: an escape is one, too. */
  public static boolean isPattern(String source) {
    return source.chars().anyMatch(c -> SPECIAL.indexOf(c) >= 0);
  }

  /** Whether all of the path matches; it has no slash at either end. */
  public boolean matches(String path) {
    return pattern.matches(path.codePoints().toArray());
  }

  /** Whether the path matches, or a folder that it is in. */
  public boolean matchesSelfOrFolder(String path) {
    return pattern.matchesSelfOrFolder(path.codePoints().toArray());
  }

  /** Whether something in the folder may match; {@code .} and an empty one are the root. */
  public boolean mayMatchWithin(String folder) {
    return folder.isEmpty()
        || folder.equals(".")
        || pattern.mayMatchWithin(folder.codePoints().toArray());
  }

  /** The folder that all matches are in, by its elements without wildcards; empty for the root. */
  public String base() {
    return base;
  }

  private static String base(String pattern) {
    int end = 0;
    while (end < pattern.length() && SPECIAL.indexOf(pattern.charAt(end)) < 0) {
      end++;
    }
    int slash = pattern.lastIndexOf('/', end == pattern.length() ? end - 1 : end);
    return slash <= 0 ? "" : pattern.substring(0, slash);
  }
}
