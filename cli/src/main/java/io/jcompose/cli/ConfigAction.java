package io.jcompose.cli;

import io.jcompose.api.ApiError;
import io.jcompose.api.CommandRequest;
import io.jcompose.api.ConfigText;
import io.jcompose.compose.ProjectLoader;
import io.jcompose.core.JcomposeException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** {@code jcompose config}: by the warm engine where one answers, else in this process. */
final class ConfigAction {
  private ConfigAction() {}

  static int run(Invocation invocation) throws IOException {
    String request = invocation.request(Map.of());
    byte[] text;
    if (new EngineClient(invocation.roots(), false).isUp()) {
      try (HttpAnswer answer = invocation.engine().post("/jcompose/v1/config", request, false)) {
        text = answer.readAllBytes();
      }
    } else {
      text = here(invocation, request);
    }
    if (invocation.text("output").isEmpty()) {
      Invocation.stdout().write(text);
    } else {
      Files.write(Path.of(System.getProperty("user.dir")).resolve(invocation.text("output")), text);
    }
    return 0;
  }

  private static byte[] here(Invocation invocation, String request) throws IOException {
    try {
      ProjectLoader loader = new ProjectLoader(new PublishedProjects(Path.of(invocation.config())));
      return ConfigText.render(
              CommandRequest.parse(request.getBytes(StandardCharsets.UTF_8)), loader)
          .getBytes(StandardCharsets.UTF_8);
    } catch (JcomposeException e) {
      throw new CommandFailure(String.valueOf(e.getMessage()), ApiError.exitCode(e));
    }
  }
}
