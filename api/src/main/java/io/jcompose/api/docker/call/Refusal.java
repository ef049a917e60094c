package io.jcompose.api.docker.call;

import io.jcompose.api.answer.ApiError;
import io.jcompose.api.text.HumanText;
import io.jcompose.core.JcomposeException;

/** An answer of Docker's that is an error with a status of its own. */
public final class Refusal extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private static final int LONGEST_SHOWN = 200;

  private final int status;

  public Refusal(int status, String message) {
    super(message);
    this.status = status;
  }

  public int status() {
    return status;
  }

  /** What Go says of a text that is no number, which the daemon passes on as it is. */
  public static Refusal noNumber(String function, String text) {
    return new Refusal(
        500, "strconv." + function + ": parsing " + shown(text) + ": invalid syntax");
  }

  public static Refusal notYet(String what) {
    return new Refusal(501, "jcompose does not carry out " + what + " yet");
  }

  /** No registry that answers: 500 as by dockerd, after which alone Testcontainers tries again. */
  public static Refusal unreachable(JcomposeException.Unavailable error) {
    return new Refusal(500, message(error));
  }

  /** A caller's text in Go's quotes, of bounded length. */
  public static String shown(String text) {
    return HumanText.quoted(cut(text));
  }

  /** A caller's text of bounded length. */
  public static String cut(String text) {
    return text.length() > LONGEST_SHOWN ? text.substring(0, LONGEST_SHOWN) + "…" : text;
  }

  /** The status of any error. */
  public static int status(RuntimeException error) {
    return error instanceof Refusal refusal ? refusal.status : ApiError.status(error);
  }

  /** What a client is told of any error; nothing of the engine's insides. */
  public static String message(RuntimeException error) {
    String message = error.getMessage();
    boolean known = error instanceof Refusal || error instanceof JcomposeException;
    return known && message != null ? message : "internal error, see the engine's log";
  }
}
