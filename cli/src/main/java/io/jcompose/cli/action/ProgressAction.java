package io.jcompose.cli.action;

import io.jcompose.cli.command.Invocation;
import io.jcompose.cli.request.Engines;
import io.jcompose.cli.request.NeededLogins;
import io.jcompose.cli.request.ProjectRequest;
import io.jcompose.cli.view.ControlLines;
import io.jcompose.cli.view.ProgressView;
import io.jcompose.cli.view.ProgressViews;
import io.jcompose.cli.wire.Frames;
import io.jcompose.cli.wire.HttpAnswer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** A command whose answer is progress and a result. */
final class ProgressAction {
  private static final List<String> PULLING = List.of("up", "create", "pull", "push", "scale");

  private ProgressAction() {}

  static int run(Invocation invocation) throws IOException {
    String name = invocation.command().name();
    Map<String, Object> extra =
        PULLING.contains(name) ? NeededLogins.of(invocation, name) : Map.of();
    return run(invocation, name, ProjectRequest.text(invocation, extra));
  }

  /** {@code image pull} and {@code image push}. */
  static int image(Invocation invocation) throws IOException {
    String name = invocation.command().name();
    Map<String, Object> logins = NeededLogins.of(invocation, name);
    return run(invocation, name.replace(' ', '/'), ProjectRequest.text(invocation, logins));
  }

  /** Posts to the endpoint of that name and shows what comes until the result. */
  static int run(Invocation invocation, String name, String request) throws IOException {
    return run(invocation, name, request, ProgressViews.of(invocation, title(name)));
  }

  /** The same, shown by {@code view}. */
  static int run(Invocation invocation, String name, String request, ProgressView view)
      throws IOException {
    try (HttpAnswer answer = Engines.of(invocation).post("/jcompose/v1/" + name, request, false);
        ControlLines lines = new ControlLines(view)) {
      Frames.read(
          answer,
          (stream, bytes) -> {
            lines.accept(new String(bytes, StandardCharsets.UTF_8));
            return !lines.isEnded();
          });
      return lines.exitCode();
    }
  }

  static String title(String command) {
    switch (command) {
      case "stop":
        return "Stopping";
      case "restart":
        return "Restarting";
      case "kill":
        return "Killing";
      case "pull":
      case "image/pull":
        return "Pulling";
      case "push":
      case "image/push":
        return "Pushing";
      case "create":
        return "Creating";
      case "rm":
        return "Removing";
      default:
        return "Running";
    }
  }
}
