package io.jcompose.cli.log;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneId;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.ILoggerFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * The engine's log. Until it is told where to write it writes to standard error. One object a
 * process, made by slf4j; thread-safe.
 */
public final class EngineLog implements ILoggerFactory {
  private final Map<String, EngineLogger> loggers = new ConcurrentHashMap<>();
  private final LogText text = new LogText(Clock.system(ZoneId.systemDefault()));
  private volatile Level least = Level.INFO;
  private volatile LogSink sink = new StandardError(false);

  /** The log of this process. */
  public static EngineLog instance() {
    return (EngineLog) LoggerFactory.getILoggerFactory();
  }

  /**
   * @param level {@code debug}, {@code info}, {@code warn} or {@code error}
   */
  public void level(String level) {
    least = Level.valueOf(level.toUpperCase(Locale.ROOT));
  }

  /** Writes to a file from now on, which is rotated. */
  public void toFile(Path file) {
    sink = new RotatingFile(file);
  }

  /** Writes to the journal, which takes priorities and has the time itself. */
  public void toJournal() {
    sink = new StandardError(true);
  }

  @Override
  public Logger getLogger(String name) {
    return loggers.computeIfAbsent(name, key -> new EngineLogger(key, this));
  }

  boolean isEnabled(Level level) {
    return level.toInt() >= least.toInt();
  }

  void write(
      Level level,
      String name,
      String message,
      @org.jspecify.annotations.Nullable Throwable error) {
    LogSink to = sink;
    to.write(
        to.isJournal()
            ? text.journal(level, name, message, error)
            : text.line(level, name, message, error));
  }

  /** Where lines go. Thread-safe; never throws. */
  interface LogSink {
    /** Takes whole lines. */
    void write(String lines);

    /** True when whoever reads it adds the time. */
    boolean isJournal();
  }

  private record StandardError(boolean isJournal) implements LogSink {
    @Override
    public void write(String lines) {
      PrintStream err = System.err;
      byte[] bytes = lines.getBytes(StandardCharsets.UTF_8);
      err.write(bytes, 0, bytes.length); // one write: lines of several threads stay whole
      err.flush();
    }
  }
}
