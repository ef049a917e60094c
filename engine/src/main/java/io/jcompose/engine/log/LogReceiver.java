package io.jcompose.engine.log;

import io.jcompose.core.Containers.LogRecord;
import java.io.IOException;

/**
 * A connection to a log service outside. Owned by one forwarding thread; closed after a failure.
 */
interface LogReceiver extends AutoCloseable {
  /**
   * Hands one record over; throws when the service does not take it. Blocks for a moment at most.
   */
  void accept(LogRecord record) throws IOException;

  @Override
  void close() throws IOException;

  /** Connects anew. */
  interface Source {
    LogReceiver open() throws IOException;
  }
}
