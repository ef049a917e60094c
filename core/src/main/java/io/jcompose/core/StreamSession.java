package io.jcompose.core;

import java.io.IOException;
import java.io.OutputStream;

/**
 * A live connection to a process's standard streams, by attach or exec. Owned by the caller, who
 * closes it; closing an attach leaves the process running.
 */
public interface StreamSession extends AutoCloseable {
  /**
   * The process's standard input; closing it is end-of-file for the process only. Writing to a
   * process without one fails.
   */
  OutputStream stdin();

  /**
   * Delivers output to {@code sink} until the streams end or the session is closed. Blocks; call it
   * once.
   *
   * @throws IOException from the sink
   */
  void pump(Sink sink) throws IOException;

  /** Sets the terminal's size; nothing happens without a terminal. */
  void resize(int rows, int columns);

  /** Waits for the process's end and returns its exit code (128 + signal when killed). */
  int exitCode();

  @Override
  void close();

  /** Takes output as it comes. */
  @FunctionalInterface
  interface Sink {
    /**
     * @param stream 1 standard output, 2 standard error; a terminal's output is all 1
     */
    void accept(int stream, byte[] buffer, int offset, int length) throws IOException;
  }
}
