package io.jcompose.cli;

import java.util.Map;

/** Turns the engine's error objects {@code {"message":…,"exitCode":n}} into failures. */
final class Failures {
  private Failures() {}

  static CommandFailure of(String body, int status) {
    try {
      Map<String, String> members = FlatJson.parse(body);
      String code = members.getOrDefault("exitCode", "1");
      return new CommandFailure(members.getOrDefault("message", body), Integer.parseInt(code));
    } catch (IllegalArgumentException e) {
      return new CommandFailure("the engine answered " + status + ": " + body.strip(), 1);
    }
  }
}
