package io.jcompose.build.word;

/** A word, or a flag's value, that cannot be read or expanded; the message says which and why. */
public final class WordException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String reason;

  public WordException(String message) {
    super(message, null, false, false);
    this.reason = message;
  }

  /** The message, which always is. */
  public String reason() {
    return reason;
  }
}
