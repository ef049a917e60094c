package io.jcompose.cli.log;

import org.jspecify.annotations.Nullable;
import org.slf4j.Marker;
import org.slf4j.event.Level;
import org.slf4j.helpers.LegacyAbstractLogger;
import org.slf4j.helpers.MessageFormatter;

/** One name's logger; thread-safe. */
final class EngineLogger extends LegacyAbstractLogger {
  private static final long serialVersionUID = 1L;

  private final transient LogOutput log;

  EngineLogger(String name, LogOutput log) {
    this.name = name;
    this.log = log;
  }

  @Override
  public boolean isTraceEnabled() {
    return log.isEnabled(Level.TRACE);
  }

  @Override
  public boolean isDebugEnabled() {
    return log.isEnabled(Level.DEBUG);
  }

  @Override
  public boolean isInfoEnabled() {
    return log.isEnabled(Level.INFO);
  }

  @Override
  public boolean isWarnEnabled() {
    return log.isEnabled(Level.WARN);
  }

  @Override
  public boolean isErrorEnabled() {
    return log.isEnabled(Level.ERROR);
  }

  @Override
  protected @Nullable String getFullyQualifiedCallerName() {
    return null;
  }

  @Override
  protected void handleNormalizedLoggingCall(
      Level level,
      @Nullable Marker marker,
      @Nullable String pattern,
      @Nullable Object @Nullable [] arguments,
      @Nullable Throwable error) {
    String message = MessageFormatter.basicArrayFormat(pattern, arguments);
    log.write(level, name, message == null ? "" : message, error);
  }
}
