package io.jcompose.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** A command whose answer is text that the engine rendered. */
final class TextAction {
  private TextAction() {}

  static int run(Invocation invocation) throws IOException {
    return run(invocation, endpoint(invocation.command().name));
  }

  /** Posts to another endpoint than that of the command's name. */
  static int run(Invocation invocation, String endpoint) throws IOException {
    try (HttpAnswer answer =
        invocation.engine().post("/jcompose/v1/" + endpoint, invocation.request(Map.of()), false)) {
      Invocation.stdout().write(shown(invocation, answer.readAllBytes()));
      return 0;
    }
  }

  /** This host's engine sends nothing that a terminal would obey; who knows of another's. */
  private static byte[] shown(Invocation invocation, byte[] text) {
    return invocation.remote() != null && Terminal.is(1)
        ? Printable.text(new String(text, StandardCharsets.UTF_8)).getBytes(StandardCharsets.UTF_8)
        : text;
  }

  /** The answer to a request, for commands that do more with it. */
  static String text(Invocation invocation, String endpoint, String request) throws IOException {
    try (HttpAnswer answer = invocation.engine().post("/jcompose/v1/" + endpoint, request, false)) {
      return new String(answer.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /** {@code volume ls} is {@code volume/ls}. */
  static String endpoint(String command) {
    return command.replace(' ', '/');
  }
}
