package io.jcompose.api.http;

import java.io.IOException;

/** Answers requests. Called on the connection's virtual thread, so it may block. */
@FunctionalInterface
public interface Handler {
  /**
   * Answers one request. An exchange left without an answer becomes 500.
   *
   * @throws IOException when the client is gone
   */
  void handle(Exchange exchange) throws IOException;
}
