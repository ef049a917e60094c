package io.jcompose.cli.client;

/** Names of the files by which an engine and who starts it know of each other. */
public final class EngineFiles {
  /** The log of an engine that a command started, in the state root. */
  public static final String LOG = "engine.log";

  /** In the run root: what such an engine says before it has a log, or when the JVM dies. */
  public static final String ERRORS = "engine.err";

  /** The same of the engine before. */
  public static final String LAST_ERRORS = "engine.err.1";

  /** In the run root: locked by who starts an engine, until it serves. */
  public static final String START_LOCK = "start.lock";

  private EngineFiles() {}
}
