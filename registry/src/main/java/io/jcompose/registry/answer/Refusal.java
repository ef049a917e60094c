package io.jcompose.registry.answer;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A request that gets an error of the API for an answer. */
public final class Refusal extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final ErrorCode code;
  private final int status;
  private final transient Map<String, String> headers;
  private final transient @Nullable Object detail;

  public Refusal(ErrorCode code, String message) {
    this(code, code.status(), message, Map.of(), null);
  }

  /**
   * @param status another one than the code's
   * @param headers to go with it
   * @param detail as JSON; null for none
   */
  public Refusal(
      ErrorCode code,
      int status,
      String message,
      Map<String, String> headers,
      @Nullable Object detail) {
    super(message);
    this.code = code;
    this.status = status;
    this.headers = Map.copyOf(headers);
    this.detail = detail;
  }

  public ErrorCode code() {
    return code;
  }

  public int status() {
    return status;
  }

  public Map<String, String> headers() {
    return headers;
  }

  public @Nullable Object detail() {
    return detail;
  }
}
