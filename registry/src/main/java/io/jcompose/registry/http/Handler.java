package io.jcompose.registry.http;

import java.io.IOException;

/** Answers requests, each on a thread of its own; blocks. */
@FunctionalInterface
public interface Handler {
  /**
   * @throws IOException when the client goes away
   */
  void handle(Exchange exchange) throws IOException;
}
