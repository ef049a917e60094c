package io.jcompose.cli.log;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.ZoneId;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.Level;

/**
 * What all loggers write to: which levels there are, and where lines go; to standard error until
 * another sink is set. Thread-safe.
 */
final class LogOutput {
  private final LogText text = new LogText(Clock.system(ZoneId.systemDefault()));
  private volatile Level least = Level.INFO;
  private volatile LogSink sink = new StandardError(false);

  /** Lines below this level are dropped from now on. */
  void least(Level level) {
    least = level;
  }

  /** Writes to a file from now on. */
  void to(RotatingFile file) {
    sink = file;
  }

  /** Writes to the journal from now on. */
  void toJournal() {
    sink = new StandardError(true);
  }

  boolean isEnabled(Level level) {
    return level.toInt() >= least.toInt();
  }

  void write(Level level, String name, String message, @Nullable Throwable error) {
    LogSink to = sink;
    to.write(
        to.isJournal()
            ? text.journal(level, name, message, error)
            : text.line(level, name, message, error));
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
