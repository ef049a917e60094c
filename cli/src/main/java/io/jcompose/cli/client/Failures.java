package io.jcompose.cli.client;

import io.jcompose.cli.terminal.CommandFailure;
import io.jcompose.cli.terminal.Consoles;
import io.jcompose.cli.wire.FlatJson;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** Turns the engine's error objects {@code {"message":…,"exitCode":n}} into failures. */
final class Failures {
  private Failures() {}

  /** What the engine could answer of the request goes to standard output. */
  static CommandFailure of(String body, int status) throws IOException {
    try {
      Map<String, String> members = FlatJson.parse(body);
      Consoles.current()
          .out()
          .write(members.getOrDefault("stdout", "").getBytes(StandardCharsets.UTF_8));
      String code = members.getOrDefault("exitCode", "1");
      return new CommandFailure(
          members.getOrDefault("message", body), Integer.parseInt(code), status);
    } catch (IllegalArgumentException e) {
      return new CommandFailure("the engine answered " + status + ": " + body.strip(), 1, status);
    }
  }
}
