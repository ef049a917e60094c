package io.jcompose.api.answer;

import io.jcompose.core.JcomposeException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The one place where error kinds become HTTP statuses and exit codes. */
public final class ApiError {
  private static final Logger LOG = LoggerFactory.getLogger(ApiError.class);

  private ApiError() {}

  /** The HTTP status of an error. */
  public static int status(Throwable error) {
    return switch (error) {
      case PartialAnswer part -> status(part.error());
      case JcomposeException.NotFound e -> 404;
      case JcomposeException.Conflict e -> 409;
      case JcomposeException.InvalidArgument e -> 400;
      case JcomposeException.CommandFailed e -> 400;
      case JcomposeException.PermissionDenied e -> 403;
      case JcomposeException.NotSupported e -> 501;
      case JcomposeException.Unavailable e -> 503;
      case JcomposeException.Timeout e -> 504;
      default -> 500;
    };
  }

  /** The exit code of a command that ends with this error. */
  public static int exitCode(Throwable error) {
    return switch (error) {
      case PartialAnswer part -> exitCode(part.error());
      case JcomposeException.CommandFailed e -> e.exitCode();
      case JcomposeException.Cancelled e -> 130;
      default -> 1;
    };
  }

  /** The JSON members that tell an error to a client. */
  public static Map<String, Object> members(Throwable error) {
    if (error instanceof PartialAnswer part) {
      Map<String, Object> members = members(part.error());
      members.put("stdout", part.text());
      return members;
    }
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("error", true);
    members.put("message", message(error));
    members.put("exitCode", exitCode(error));
    return members;
  }

  /**
   * As {@link #members}, for a command that is not itself the program: that a service's program is
   * missing is one error among others there, as with Docker Compose.
   */
  public static Map<String, Object> projectMembers(Throwable error) {
    Map<String, Object> members = members(error);
    if (error instanceof JcomposeException.CommandFailed) {
      members.put("exitCode", 1);
    }
    return members;
  }

  private static String message(Throwable error) {
    String message = error.getMessage();
    return error instanceof JcomposeException && message != null
        ? message
        : "internal error: " + error;
  }

  /** Writes an error of ours, not one of the caller's, to the engine's log. */
  public static void log(RuntimeException e) {
    RuntimeException error = e instanceof PartialAnswer part ? part.error() : e;
    if (!(error instanceof JcomposeException) || error instanceof JcomposeException.Internal) {
      LOG.error("request failed", e);
    }
  }
}
