package io.jcompose.cli.terminal;

/** Ends a command with a message for the user and an exit code. */
public final class CommandFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int exitCode;
  private final int status;

  public CommandFailure(String message, int exitCode) {
    this(message, exitCode, 0);
  }

  /**
   * @param status of the engine's answer, as HTTP has it; 0 when it is not the engine that refused
   */
  public CommandFailure(String message, int exitCode, int status) {
    super(message);
    this.exitCode = exitCode;
    this.status = status;
  }

  /** True when the engine refused for want of permission: PermissionDenied there. */
  public boolean isForbidden() {
    return status == 403;
  }

  /** What the user is told. */
  public String text() {
    return String.valueOf(getMessage());
  }

  /** True when the engine does not have what was named. */
  public boolean isMissing() {
    return status == 404;
  }

  /** True when it is the engine that refused. */
  public boolean isOfEngine() {
    return status != 0;
  }

  public int exitCode() {
    return exitCode;
  }
}
