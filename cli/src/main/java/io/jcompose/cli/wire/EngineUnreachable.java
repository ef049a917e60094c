package io.jcompose.cli.wire;

import java.io.IOException;
import java.util.Locale;

/** The engine's socket could not be opened. */
public final class EngineUnreachable extends IOException {
  private static final long serialVersionUID = 1L;
  private static final int EACCES = 13;
  private static final int ENOENT = 2;
  private static final int ECONNREFUSED = 111;

  /** Why. */
  public enum Reason {
    /** No engine runs there. */
    ABSENT,
    /** The user may not open the socket. */
    FORBIDDEN,
    /** As many connections wait there as may. */
    BUSY,
    OTHER
  }

  private final Reason reason;

  private EngineUnreachable(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  static EngineUnreachable ofErrno(int errno) {
    Reason reason =
        errno == ENOENT || errno == ECONNREFUSED
            ? Reason.ABSENT
            : errno == EACCES ? Reason.FORBIDDEN : Reason.OTHER;
    return new EngineUnreachable(reason, "errno " + errno);
  }

  static EngineUnreachable ofMessage(String message) {
    String lower = message.toLowerCase(Locale.ROOT);
    Reason reason =
        lower.contains("no such file") || lower.contains("refused")
            ? Reason.ABSENT
            : lower.contains("permission denied")
                ? Reason.FORBIDDEN
                : lower.contains("temporarily unavailable") ? Reason.BUSY : Reason.OTHER;
    return new EngineUnreachable(reason, message);
  }

  public Reason reason() {
    return reason;
  }
}
