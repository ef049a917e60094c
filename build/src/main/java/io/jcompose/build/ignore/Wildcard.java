package io.jcompose.build.ignore;

/**
 * A source of a copy that may have wildcards: {@code *}, {@code ?} and {@code [a-z]}, none of which
 * passes a slash but the last. Immutable.
 */
public final class Wildcard {
  private static final String SPECIAL = "*?[\\";

  private final PathPattern pattern;

  private Wildcard(PathPattern pattern) {
    this.pattern = pattern;
  }

  /**
   * In the syntax of Go's path.Match, where {@code **} is no more than {@code *}.
   *
   * @throws PatternException when it has no form
   */
  public static Wildcard parse(String pattern) {
    return new Wildcard(PatternReader.read(pattern, false));
  }

  /** Whether a source may be of several names: an escape is one, too. */
  public static boolean isPattern(String source) {
    return source.chars().anyMatch(c -> SPECIAL.indexOf(c) >= 0);
  }

  /** Whether all of the path matches; it has no slash at either end. */
  public boolean matches(String path) {
    return pattern.matches(path.codePoints().toArray());
  }
}
