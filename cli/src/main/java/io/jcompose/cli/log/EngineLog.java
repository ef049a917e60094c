package io.jcompose.cli.log;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.ILoggerFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import org.slf4j.helpers.NOPLogger;

/**
 * The engine's log. Until it is told where to write it writes to standard error. One object a
 * process, made by slf4j; thread-safe.
 */
public final class EngineLog implements ILoggerFactory {
  /** Vert.x tells each client that hangs up while it gets a file as an error, with its stack. */
  private static final String CONNECTIONS = "io.vertx.core.net.impl.VertxConnection";

  private final Map<String, EngineLogger> loggers = new ConcurrentHashMap<>();
  private final LogOutput output = new LogOutput();

  /** The log of this process. */
  public static EngineLog instance() {
    return (EngineLog) LoggerFactory.getILoggerFactory();
  }

  /**
   * @param level {@code debug}, {@code info}, {@code warn} or {@code error}
   */
  public void level(String level) {
    output.least(Level.valueOf(level.toUpperCase(Locale.ROOT)));
  }

  /** Writes to a file from now on, which is rotated. */
  public void toFile(Path file) {
    output.to(new RotatingFile(file));
  }

  /** Writes to the journal, which takes priorities and has the time itself. */
  public void toJournal() {
    output.toJournal();
  }

  @Override
  public Logger getLogger(String name) {
    return name.equals(CONNECTIONS)
        ? NOPLogger.NOP_LOGGER
        : loggers.computeIfAbsent(name, key -> new EngineLogger(key, output));
  }
}
