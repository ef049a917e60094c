package io.jcompose.cli.log;

/** Where lines go. Thread-safe; never throws. */
interface LogSink {
  /** Takes whole lines. */
  void write(String lines);

  /** True when whoever reads it adds the time. */
  boolean isJournal();
}
