package io.jcompose.build.dockerfile;

/** What makes a statement none; becomes a {@link Problem} with the statement's place. */
final class Invalid extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int at;
  private final String reason;

  /**
   * @param at where in the statement's text
   */
  Invalid(int at, String message) {
    super(message, null, false, false);
    this.at = at;
    this.reason = message;
  }

  String reason() {
    return reason;
  }

  int at() {
    return at;
  }
}
