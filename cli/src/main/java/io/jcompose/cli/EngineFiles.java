package io.jcompose.cli;

/** Names of the files by which an engine and who starts it know of each other. */
final class EngineFiles {
  /** The log of an engine that a command started, in the state root. */
  static final String LOG = "engine.log";

  /** In the run root: what such an engine says before it has a log, or when the JVM dies. */
  static final String ERRORS = "engine.err";

  /** The same of the engine before. */
  static final String LAST_ERRORS = "engine.err.1";

  /** In the run root: locked by who starts an engine, until it serves. */
  static final String START_LOCK = "start.lock";

  private EngineFiles() {}
}
