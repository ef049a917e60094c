package io.jcompose.core;

import org.jspecify.annotations.Nullable;

/**
 * Every error that jcompose itself raises. The kind decides the HTTP status and the exit code; the
 * message says what was tried, on what, why it failed and, where a person can act, what to do next.
 */
public sealed class JcomposeException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private JcomposeException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  /** The named thing does not exist. */
  public static final class NotFound extends JcomposeException {
    private static final long serialVersionUID = 1L;

    public NotFound(String message) {
      super(message, null);
    }
  }

  /**
   * The request contradicts the present state: a name or port in use, a container that is not
   * running.
   */
  public static final class Conflict extends JcomposeException {
    private static final long serialVersionUID = 1L;

    public Conflict(String message) {
      super(message, null);
    }
  }

  /** The request cannot be right, whatever the state. */
  public static final class InvalidArgument extends JcomposeException {
    private static final long serialVersionUID = 1L;

    public InvalidArgument(String message) {
      super(message, null);
    }

    public InvalidArgument(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /** The caller or the engine may not do this. */
  public static final class PermissionDenied extends JcomposeException {
    private static final long serialVersionUID = 1L;

    public PermissionDenied(String message) {
      super(message, null);
    }
  }

  /** Something outside did not answer or has no room: a registry, a peer, a full disk. */
  public static final class Unavailable extends JcomposeException {
    private static final long serialVersionUID = 1L;

    public Unavailable(String message) {
      super(message, null);
    }

    public Unavailable(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /** A known option that is not carried out here. */
  public static final class NotSupported extends JcomposeException {
    private static final long serialVersionUID = 1L;

    public NotSupported(String message) {
      super(message, null);
    }
  }

  /** A wait that reached its limit. */
  public static final class Timeout extends JcomposeException {
    private static final long serialVersionUID = 1L;

    public Timeout(String message) {
      super(message, null);
    }

    public Timeout(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /** The caller gave the work up. */
  public static final class Cancelled extends JcomposeException {
    private static final long serialVersionUID = 1L;

    public Cancelled(String message) {
      super(message, null);
    }
  }

  /** Data on disk or from a peer that does not match its digest, length or format. */
  public static final class Corrupt extends JcomposeException {
    private static final long serialVersionUID = 1L;

    public Corrupt(String message) {
      super(message, null);
    }

    public Corrupt(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /**
   * The container's own program could not be started, by Docker's exit codes 126 and 127; or a
   * build's command failed in front of a person, who gets its exit code.
   */
  public static final class CommandFailed extends JcomposeException {
    private static final long serialVersionUID = 1L;

    private final int exitCode;

    /**
     * @param exitCode 126 when the program cannot be executed, 127 when it does not exist, or the
     *     program's own
     */
    public CommandFailed(String message, int exitCode) {
      super(message, null);
      this.exitCode = exitCode;
    }

    /** 126 or 127, or the program's own. */
    public int exitCode() {
      return exitCode;
    }
  }

  /** A failed kernel call or a defect of jcompose. */
  public static final class Internal extends JcomposeException {
    private static final long serialVersionUID = 1L;

    public Internal(String message) {
      super(message, null);
    }

    public Internal(String message, Throwable cause) {
      super(message, cause);
    }
  }
}
