package io.jcompose.build.ignore;

/** A pattern that has no form. */
public final class PatternException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String reason;

  PatternException(String pattern, String why) {
    super("syntax error in pattern \"" + pattern + "\": " + why, null, false, false);
    this.reason = "syntax error in pattern \"" + pattern + "\": " + why;
  }

  /** The message, which always is. */
  public String reason() {
    return reason;
  }
}
