package io.jcompose.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** {@code jcompose system info} and {@code system prune}. */
final class SystemAction {
  private SystemAction() {}

  static int run(Invocation invocation) throws IOException {
    String what = invocation.arguments().isEmpty() ? "" : invocation.arguments().get(0);
    if (!what.equals("info") && !what.equals("prune")) {
      throw new CommandFailure("usage: jcompose system info|prune", 1);
    }
    if (what.equals("prune") && !invocation.has("force") && !isConfirmed(invocation)) {
      return 1;
    }
    try (HttpAnswer answer =
        invocation
            .engine()
            .post("/jcompose/v1/system/" + what, invocation.request(Map.of()), false)) {
      Invocation.stdout().write(answer.readAllBytes());
      return 0;
    }
  }

  private static boolean isConfirmed(Invocation invocation) throws IOException {
    String question =
        "WARNING! This will remove:\n  - all stopped containers\n"
            + "  - all networks not used by at least one container\n"
            + (invocation.has("volumes")
                ? "  - all anonymous volumes not used by at least one container\n"
                : "")
            + (invocation.has("all")
                ? "  - all images without a container\n"
                : "  - all unnamed images\n")
            + "  - what was damaged and set aside, see `jcompose system info`\n"
            + "\nAre you sure you want to continue? [y/N] ";
    Invocation.stdout().write(question.getBytes(StandardCharsets.UTF_8));
    int answer = System.in.read();
    return answer == 'y' || answer == 'Y';
  }
}
