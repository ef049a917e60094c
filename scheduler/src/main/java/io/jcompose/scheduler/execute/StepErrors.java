package io.jcompose.scheduler.execute;

import io.jcompose.core.JcomposeException;
import java.util.List;

/** Makes one error of several. */
public final class StepErrors {
  private StepErrors() {}

  /**
   * The only error itself, or one of the first one's kind that tells all messages, a line each.
   *
   * @param errors at least one
   */
  public static RuntimeException combine(List<RuntimeException> errors) {
    RuntimeException first = errors.getFirst();
    List<String> messages =
        errors.stream().map(error -> String.valueOf(error.getMessage())).distinct().toList();
    RuntimeException combined =
        messages.size() == 1 ? first : ofKind(first, String.join("\n", messages));
    errors.subList(1, errors.size()).forEach(combined::addSuppressed);
    return combined;
  }

  /** The same error, telling what it is about. */
  static RuntimeException about(String what, RuntimeException error) {
    return ofKind(error, what + ": " + error.getMessage());
  }

  private static RuntimeException ofKind(RuntimeException kind, String message) {
    if (!(kind instanceof JcomposeException known)) {
      return new JcomposeException.Internal(message, kind);
    }
    return switch (known) {
      case JcomposeException.NotFound e -> new JcomposeException.NotFound(message);
      case JcomposeException.Conflict e -> new JcomposeException.Conflict(message);
      case JcomposeException.InvalidArgument e -> new JcomposeException.InvalidArgument(message, e);
      case JcomposeException.PermissionDenied e -> new JcomposeException.PermissionDenied(message);
      case JcomposeException.Unavailable e -> new JcomposeException.Unavailable(message, e);
      case JcomposeException.NotSupported e -> new JcomposeException.NotSupported(message);
      case JcomposeException.Timeout e -> new JcomposeException.Timeout(message);
      case JcomposeException.Cancelled e -> new JcomposeException.Cancelled(message);
      case JcomposeException.Corrupt e -> new JcomposeException.Corrupt(message, e);
      case JcomposeException.CommandFailed e ->
          new JcomposeException.CommandFailed(message, e.exitCode());
      case JcomposeException e -> new JcomposeException.Internal(message, e);
    };
  }
}
