package io.jcompose.cli.flags;

/** What was given of flags is not taken; the message is docker's. */
public final class InvalidFlag extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final boolean ofOne;

  private InvalidFlag(String message, boolean ofOne) {
    super(message);
    this.ofOne = ofOne;
  }

  /**
   * The value of one flag.
   *
   * @param flag as help has it, {@code -m, --memory}
   */
  static InvalidFlag of(String flag, String value, String why) {
    return new InvalidFlag(
        "invalid argument \"" + value + "\" for \"" + flag + "\" flag: " + why, true);
  }

  /** Flags that do not go together, or what only a look at the host tells. */
  static InvalidFlag conflict(String why) {
    return new InvalidFlag(why, false);
  }

  /** What the user is told. */
  public String text() {
    return String.valueOf(getMessage());
  }

  /** Whether the usage is told too. */
  public boolean isOfOne() {
    return ofOne;
  }
}
