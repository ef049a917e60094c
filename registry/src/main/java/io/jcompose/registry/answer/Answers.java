package io.jcompose.registry.answer;

import io.jcompose.core.JcomposeException;
import io.jcompose.registry.http.Exchange;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers that many requests have. Stateless. */
public final class Answers {
  private static final Logger LOG = LoggerFactory.getLogger(Answers.class);
  private static final int INSUFFICIENT_STORAGE = 507; // RFC 4918 section 11.5
  private static final String RETRY = "Retry-After";

  private Answers() {}

  /** Headers that every answer has, and some more. */
  public static Map<String, String> headers(String... more) {
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("Docker-Distribution-API-Version", "registry/2.0");
    headers.put("X-Content-Type-Options", "nosniff");
    for (int i = 0; i + 1 < more.length; i += 2) {
      headers.put(more[i], more[i + 1]);
    }
    return headers;
  }

  public static void json(Exchange exchange, int status, Map<String, String> headers, Object value)
      throws IOException {
    Map<String, String> all = headers("Content-Type", "application/json");
    all.putAll(headers);
    exchange.respond(status, all, JsonText.of(value));
  }

  public static void empty(Exchange exchange, int status, String... headers) throws IOException {
    exchange.respond(status, headers(headers), new byte[0]);
  }

  /** The error, as the API words it. */
  public static void refuse(Exchange exchange, Refusal refusal) throws IOException {
    Map<String, Object> error = new LinkedHashMap<>();
    error.put("code", refusal.code().name());
    error.put("message", refusal.getMessage());
    if (refusal.detail() != null) {
      error.put("detail", refusal.detail());
    }
    json(exchange, refusal.status(), refusal.headers(), Map.of("errors", List.of(error)));
  }

  /** An error of the engine, as a request's answer. */
  public static Refusal of(JcomposeException error) {
    String message = String.valueOf(error.getMessage());
    return switch (error) {
      case JcomposeException.NotFound e -> new Refusal(ErrorCode.BLOB_UPLOAD_UNKNOWN, message);
      case JcomposeException.InvalidArgument e -> new Refusal(ErrorCode.SIZE_INVALID, message);
      case JcomposeException.NotSupported e -> new Refusal(ErrorCode.SIZE_INVALID, message);
      case JcomposeException.Corrupt e -> new Refusal(ErrorCode.MANIFEST_INVALID, message);
      case JcomposeException.PermissionDenied e -> new Refusal(ErrorCode.DENIED, message);
      case JcomposeException.Conflict e ->
          new Refusal(ErrorCode.BLOB_UPLOAD_INVALID, 409, message, Map.of(RETRY, "5"), null);
      case JcomposeException.Unavailable e -> unavailable(message);
      case JcomposeException.Timeout e -> unavailable(message);
      case JcomposeException.Cancelled e -> unavailable(message);
      default -> {
        LOG.error("a request to the registry failed", error);
        yield new Refusal(ErrorCode.UNKNOWN, "the registry failed; the engine's log says how");
      }
    };
  }

  private static Refusal unavailable(String message) {
    if (message.startsWith("no space left on device")) {
      LOG.warn("an upload to the registry was refused: {}", message);
      return new Refusal(
          ErrorCode.UNAVAILABLE,
          INSUFFICIENT_STORAGE,
          "no space left on the registry's device",
          Map.of(),
          null);
    }
    return new Refusal(ErrorCode.UNAVAILABLE, 503, message, Map.of(RETRY, "30"), null);
  }
}
