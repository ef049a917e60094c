package io.jcompose.cli;

import java.io.IOException;
import java.util.Map;

/** A command whose answer is text that the engine rendered. */
final class TextAction {
  private TextAction() {}

  static int run(Invocation invocation) throws IOException {
    try (HttpAnswer answer =
        invocation
            .engine()
            .post(
                "/jcompose/v1/" + invocation.command().name, invocation.request(Map.of()), false)) {
      Invocation.stdout().write(answer.readAllBytes());
      return 0;
    }
  }
}
